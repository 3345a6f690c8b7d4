// Made-up problems in the plane, drawn from a seed: the same points as those of nn.data.

const YIN_YANG = ["yin", "yang", "dot"];

// Each is {classes, least, noise, points, draw(n, noise, random)}: as many points at least, the usual noise
// (null where there is none) and number of points; points are [x, y, class], or [x, y, target] where there
// are no classes.
const DATASETS = {
  moons: {
    classes: ["upper", "lower"],
    least: 2,
    noise: 0.1,
    points: 100,
    draw: (n, noise, random) =>
      blurred(
        noise,
        random,
        twoArcs(n, (label, t) => {
          const [x, y] = [Math.cos(Math.PI * t), Math.sin(Math.PI * t)];
          return label === 0 ? [x, y] : [1 - x, 0.5 - y];
        }),
      ),
  },
  circles: {
    classes: ["outer", "inner"],
    least: 2,
    noise: 0.1,
    points: 100,
    draw: (n, noise, random) =>
      blurred(
        noise,
        random,
        twoArcs(n, (label, t) => {
          const [angle, radius] = [2 * Math.PI * t, label === 0 ? 1 : 0.5];
          return [radius * Math.cos(angle), radius * Math.sin(angle)];
        }),
      ),
  },
  xor: {
    classes: ["equal", "different"],
    least: 4,
    noise: 0,
    points: 4,
    draw: (n, noise, random) =>
      blurred(
        noise,
        random,
        listOf(n, (i) => {
          const [x, y] = [(i >> 1) & 1, i & 1];
          return [x, y, x ^ y];
        }),
      ),
  },
  spiral: {
    classes: ["first arm", "second arm"],
    least: 2,
    noise: 0.02,
    points: 200,
    draw: (n, noise, random) =>
      blurred(
        noise,
        random,
        twoArcs(n, (label, t) => {
          const angle = 2 * Math.PI * t + Math.PI * label;
          return [t * Math.cos(angle), t * Math.sin(angle)];
        }),
      ),
  },
  gaussian: {
    classes: ["first", "second"],
    least: 2,
    noise: 0.5,
    points: 100,
    draw: (n, noise, random) =>
      blurred(
        noise,
        random,
        listOf(n, (i) => (i % 2 ? [-1, -1, 1] : [1, 1, 0])),
      ),
  },
  "yin-yang": {
    classes: YIN_YANG,
    least: 3,
    noise: null,
    points: 300,
    draw: (n, noise, random) => listOf(n, (i) => [...inYinYang(i % 3, random), i % 3]),
  },
  plane: {
    classes: null,
    least: 1,
    noise: 0.05,
    points: 100,
    draw: (n, noise, random) =>
      listOf(n, () => {
        const [x, y] = [random.uniform(-1, 1), random.uniform(-1, 1)];
        return [x, y, (x + y) / 2 + random.gauss(0, noise)];
      }),
  },
};

// The points of a data set; a seed determines them.
function drawPoints(name, n, noise, seed) {
  return DATASETS[name].draw(n, noise, new Random(seed));
}

function listOf(n, make) {
  return Array.from({length: n}, (_, i) => make(i));
}

// Points of two curves, which take turns, each at its place along its curve, between 0 and 1.
function twoArcs(n, place) {
  const counts = [Math.floor((n + 1) / 2), Math.floor(n / 2)];
  return listOf(n, (i) => [...place(i % 2, (Math.floor(i / 2) + 0.5) / counts[i % 2]), i % 2]);
}

function blurred(noise, random, points) {
  return points.map(([x, y, label]) => [x + random.gauss(0, noise), y + random.gauss(0, noise), label]);
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
