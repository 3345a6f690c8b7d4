// Where curves go: as SVG has them, in which area they lie, and where a text at one has room.

const ARROW_LENGTH = 11;

function curveOf([x, y, ...points]) {
  return `M${x} ${y}C${points.join(" ")}`;
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

// The point at a path, near its middle if possible, where a text of half this width covers neither boxes nor
// what is taken.
function freePlace(path, halfWidth, boxes, taken) {
  const isFree = ({x, y}) => {
    const area = [x - halfWidth, y - 11, x + halfWidth, y + 11];
    return ![...boxes, ...taken].some((box) => meets(box, area));
  };
  const points = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74].flatMap((share) => {
    const {x, y} = pointAt(path, share);
    return [0, -12, 12, -24, 24].map((dy) => ({x, y: y + dy}));
  });
  const place = points.find(isFree) ?? points[0];
  taken.push({x: place.x - halfWidth, y: place.y - 11, width: 2 * halfWidth, height: 22});
  return place;
}
