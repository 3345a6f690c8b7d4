// Where curves go: as SVG has them, in which area they lie, and where a text at one has room.

const ARROW_LENGTH = 11;

function curveOf([x, y, ...points]) {
  return `M${x} ${y}C${points.join(" ")}`;
}

// Through points, level at each of them.
function levelPath([start, ...points]) {
  const path = [...start];
  for (const [x, y] of points) {
    const [x0, y0] = path.slice(-2);
    const middle = (x0 + x) / 2;
    if (x !== x0) path.push(middle, y0, middle, y, x, y);
  }
  return path;
}

// From the right side of a box to the left side of another.
function straightPath({from, to}) {
  return levelPath([
    [from.x + from.width, middleOf(from)],
    [to.x, middleOf(to)],
  ]);
}

function reversed(path) {
  return path.flatMap((_, k) => (k % 2 ? [] : path.slice(path.length - k - 2, path.length - k)));
}

// A triangle at the end of an edge, which arrives level.
function arrowOf(path) {
  const [x, y] = path.slice(-2);
  return `M${x} ${y}l${-ARROW_LENGTH} -4.5v9z`;
}

// A point of a path of Bézier curves, at a share of them.
function pointAt(path, share) {
  const curves = (path.length - 2) / 6;
  const k = Math.min(Math.floor(share * curves), curves - 1);
  const t = share * curves - k;
  const [x0, y0, x1, y1, x2, y2, x3, y3] = path.slice(6 * k, 6 * k + 8);
  const mix = (a, b, c, d) =>
    a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t ** 2 * (1 - t) + d * t ** 3;
  return {x: mix(x0, x1, x2, x3), y: mix(y0, y1, y2, y3)};
}

// What a curve lies within: between its points.
function areaOf(path) {
  const [xs, ys] = [0, 1].map((k) => path.filter((_, i) => i % 2 === k));
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return {x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y};
}

function meets({x, y, width, height}, [left, top, right, bottom]) {
  return x < right && x + width > left && y < bottom && y + height > top;
}

function isWithin({x, y, width, height}, [left, top, right, bottom]) {
  return x >= left - 1 && x + width <= right + 1 && y >= top - 1 && y + height <= bottom + 1;
}

// Where a text at a path may stand, near its middle if possible; else in the middle of one of its curves, of which
// some lie between columns.
function placesAlong(path) {
  const n = (path.length - 2) / 6;
  const middles = Array.from({length: n}, (_, k) => (k + 0.5) / n);
  return [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, ...middles].flatMap((share) => {
    const {x, y} = pointAt(path, share);
    return [0, -12, 12, -24, 24].map((dy) => ({x, y: y + dy}));
  });
}

// Where a text stands at a path of which only the ends are its own: before its arrow, or at its start.
function placeAtEnd(path, isArrow, halfWidth) {
  const [[x0, y0], [x1, y1]] = [path.slice(0, 2), path.slice(-2)];
  return isArrow ? {x: x1 - ARROW_LENGTH - halfWidth, y: y1} : {x: x0 + halfWidth, y: y0};
}

// The first of these places at which a text of half this width covers neither boxes nor what is taken.
function freePlace(places, halfWidth, boxes, taken) {
  const areaAt = ({x, y}) => ({x: x - halfWidth, y: y - 11, width: 2 * halfWidth, height: 22});
  const isFree = (place) => {
    const {x, y, width, height} = areaAt(place);
    return ![...boxes, ...taken].some((box) => meets(box, [x, y, x + width, y + height]));
  };
  const place = places.find(isFree) ?? places[0];
  taken.push(areaAt(place));
  return place;
}
