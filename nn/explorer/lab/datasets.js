// Made-up problems in the plane, drawn from a seed: the same points as those of nn.data.

// Each is {classes, least, noise, points, draw(n, noise, random)}: as many points at least, the usual noise
// (null where there is none) and number of points; points are [x, y, class], or [x, y, target] where there
// are no classes.
const DATASETS = {
  moons: {
    ...twoArcs((label, t) => {
      const [x, y] = [Math.cos(Math.PI * t), Math.sin(Math.PI * t)];
      return label === 0 ? [x, y] : [1 - x, 0.5 - y];
    }),
    classes: ["upper", "lower"],
    noise: 0.1,
    points: 100,
  },
  circles: {
    ...twoArcs((label, t) => polar(label === 0 ? 1 : 0.5, 2 * Math.PI * t)),
    classes: ["outer", "inner"],
    noise: 0.1,
    points: 100,
  },
  xor: {
    ...blurred(4, (i) => [(i >> 1) & 1, i & 1, ((i >> 1) ^ i) & 1]),
    classes: ["equal", "different"],
    noise: 0,
    points: 4,
  },
  spiral: {
    ...twoArcs((label, t) => polar(t, 2 * Math.PI * t + Math.PI * label)),
    classes: ["first arm", "second arm"],
    noise: 0.02,
    points: 200,
  },
  gaussian: {
    ...blurred(2, (i) => (i % 2 ? [-1, -1, 1] : [1, 1, 0])),
    classes: ["first", "second"],
    noise: 0.5,
    points: 100,
  },
  "yin-yang": {
    least: 3,
    draw: (n, noise, random) => listOf(n, (i) => [...inYinYang(i % 3, random), i % 3]),
    classes: ["yin", "yang", "dot"],
    noise: null,
    points: 300,
  },
  plane: {
    least: 1,
    draw: (n, noise, random) =>
      listOf(n, () => {
        const [x, y] = [random.uniform(-1, 1), random.uniform(-1, 1)];
        return [x, y, (x + y) / 2 + random.gauss(0, noise)];
      }),
    classes: null,
    noise: 0.05,
    points: 100,
  },
};

// The points of a data set; a seed determines them.
function drawPoints(name, n, noise, seed) {
  return DATASETS[name].draw(n, noise, new Random(seed));
}

function listOf(n, make) {
  return Array.from({length: n}, (_, i) => make(i));
}

// Points at places of their own, the i-th of n at [x, y, class], with noise on x and y.
function blurred(least, place) {
  const draw = (n, noise, random) =>
    listOf(n, (i) => place(i, n)).map(([x, y, label]) => [
      x + random.gauss(0, noise),
      y + random.gauss(0, noise),
      label,
    ]);
  return {least, draw};
}

// Points of two curves, which take turns, each at its place along its curve, between 0 and 1.
function twoArcs(place) {
  return blurred(2, (i, n) => {
    const label = i % 2;
    const count = Math.floor((n + 1 - label) / 2);
    return [...place(label, (Math.floor(i / 2) + 0.5) / count), label];
  });
}

function polar(radius, angle) {
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

// What is uniform in the square and falls into the region is uniform in the region.
function inYinYang(label, random) {
  for (;;) {
    const [x, y] = [random.random(), random.random()];
    if (Math.hypot(x - 0.5, y - 0.5) <= 0.5 && yinYangClass(x, y) === label) return [x, y];
  }
}

function yinYangClass(x, y) {
  const [yin, yang, dot] = [0, 1, 2];
  const fromLeft = Math.hypot(x - 0.25, y - 0.5);
  const fromRight = Math.hypot(x - 0.75, y - 0.5);
  if (Math.min(fromLeft, fromRight) <= 0.1) return dot;
  if (fromLeft <= 0.25) return yin;
  if (fromRight <= 0.25) return yang;
  return y > 0.5 ? yin : yang;
}
