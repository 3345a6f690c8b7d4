// Bundles of edges: where each of some boxes leads to each of some others, one line that all share says it with fewer
// lines than one for each pair, which would cover each other.

const FEW_LINES = 12;
const SHORT = 600; // over such a height, lines are not steep yet
const TURN = 14;

// Edges by what they have in common: from boxes of one column to the same boxes of another.
function bundlesOf(edges) {
  const fans = Map.groupBy(edges, ({from, to}) => `${from.key} ${to.x}`);
  const bundles = Map.groupBy(fans.values(), (fan) => [fan[0].from.x, ...fan.map(({to}) => to.key)].join());
  return [...bundles.values()].map((alike) => alike.flat());
}

// Let the edges of each large bundle meet in an upright line, between the columns where they bend last.
function joinInBundles(edges) {
  const large = bundlesOf(edges).filter(isLarge);
  for (const bundles of Map.groupBy(large, ([{to}]) => to.x).values()) {
    const start = Math.max(...bundles.flat().map(({path}) => path.at(-8)));
    const end = bundles[0][0].to.x;
    const tracks = apart(bundles);
    tracks.forEach((track, k) => {
      const x = start + ((end - start) * (k + 1)) / (tracks.length + 1);
      for (const bundle of track) join(bundle, x);
    });
  }
}

// Bundles in as few tracks as it takes, so that none of a track overlap.
function apart(bundles) {
  const tracks = [];
  for (const bundle of bundles) {
    const [top, bottom] = spanOf(bundle);
    const isFree = (track) => track.map(spanOf).every(([above, below]) => below < top || above > bottom);
    const track = tracks.find(isFree);
    if (track) track.push(bundle);
    else tracks.push([bundle]);
  }
  return tracks;
}

function isLarge(bundle) {
  const [top, bottom] = spanOf(bundle);
  return bundle.length >= FEW_LINES && bottom - top > SHORT;
}

function spanOf(bundle) {
  const ys = bundle.flatMap(({path}) => [path.at(-7), path.at(-1)]);
  return [Math.min(...ys), Math.max(...ys)];
}

function join(bundle, x) {
  for (const arriving of Map.groupBy(bundle, ({to}) => to).values()) {
    const y = mean(arriving.map(({path}) => path.at(-1)));
    for (const edge of arriving) Object.assign(edge, {path: pathBy(x, edge.path, y), isJoined: true});
  }
}

// A path whose last curve is instead an upright line at x, with a turn at each end, and arrives at y.
function pathBy(x, path, y) {
  const before = path.slice(0, -6);
  const [x0, y0] = before.slice(-2);
  const turn = Math.min(TURN, Math.abs(y - y0) / 2);
  const down = Math.sign(y - y0) * turn;
  return [
    ...before,
    ...[x0, y0, x - turn, y0, x - turn, y0],
    ...[x, y0, x, y0, x, y0 + down],
    ...[x, y0 + down, x, y - down, x, y - down],
    ...[x, y, x, y, x + turn, y],
    ...[x + turn, y, path.at(-2), y, path.at(-2), y],
  ];
}
