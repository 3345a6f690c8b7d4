// All settings, weights and points of one's own in a link: what stands behind its #.

// A longer one was not made here.
const LONGEST_LINK = 200000;

// Plain settings by how they are read; the others are written out below.
const NUMBERS_IN_LINK = [
  "points",
  "noise",
  "dataSeed",
  "heldOut",
  "seed",
  "rate",
  "momentum",
  "every",
  "factor",
  "batch",
  "l1",
  "l2",
];
const NAMES_IN_LINK = ["data", "cost", "init", "optimizer", "schedule", "colour"];
const YES_OR_NO_IN_LINK = ["discrete", "pictures"];

function linkOf(network) {
  const {settings, model, points, classNames, isRegression} = network;
  const own = [...settings.layers.map(({activation}) => activation), settings.cost].find((name) =>
    /^own/.test(name),
  );
  if (own) throw new RangeError("The network has a function of your own, which a link cannot hold.");
  const parts = new URLSearchParams();
  for (const name of [...NAMES_IN_LINK, ...NUMBERS_IN_LINK]) parts.set(name, settings[name]);
  for (const name of YES_OR_NO_IN_LINK) parts.set(name, settings[name] ? "yes" : "no");
  parts.set("hidden", settings.hidden.join());
  parts.set("features", settings.features.join());
  parts.set("layers", settings.layers.map(({size, activation}) => `${size}.${activation}`).join());
  parts.set("bias", settings.bias ?? "");
  parts.set("weights", packed(model.parameters));
  if (settings.data === "own") {
    parts.set("classes", JSON.stringify(classNames));
    parts.set(
      "own",
      packed(points.flatMap(({x, y, label, target}) => [x, y, isRegression ? target : label])),
    );
  }
  return `#${parts}`;
}

// What a link says: {settings, weights, points, classNames}; points are null where the settings draw them.
// Whatever is wrong with it is an error that says what.
function readLink(fragment) {
  if (fragment.length > LONGEST_LINK) throw new RangeError("it is longer than any that this page makes");
  const parts = new Map();
  for (const [name, text] of new URLSearchParams(fragment.replace(/^#/, ""))) {
    if (parts.has(name)) throw new RangeError(`it has ${quoted(name)} twice`);
    parts.set(name, text);
  }
  const take = (name) => {
    if (!parts.has(name)) throw new RangeError(`it has no ${quoted(name)}: part of it is missing`);
    const text = parts.get(name);
    parts.delete(name);
    return text;
  };
  const given = {};
  for (const name of NAMES_IN_LINK) given[name] = take(name);
  for (const name of NUMBERS_IN_LINK) given[name] = numberFrom10(take(name), name);
  for (const name of YES_OR_NO_IN_LINK) given[name] = {yes: true, no: false}[take(name)];
  given.hidden = take("hidden").split(",").filter(Boolean);
  given.features = take("features").split(",");
  given.layers = take("layers").split(",").map(layerFrom);
  given.bias = take("bias") || null;
  if (given.cost === "own") throw new RangeError("its cost is a function of somebody's own");
  const settings = checkedSettings(given);
  const weights = unpacked(take("weights"), "weights");
  const isOwn = settings.data === "own";
  const classNames = isOwn ? classesFrom(take("classes")) : DATASETS[settings.data].classes;
  const points = isOwn ? pointsFrom(unpacked(take("own"), "points"), classNames) : null;
  const [unknown] = parts.keys();
  if (unknown !== undefined) throw new RangeError(`it has ${quoted(unknown)}, which this page does not know`);
  const fitted = fittedSettings(settings, classNames?.length ?? 0);
  if (fitted.cost !== settings.cost || JSON.stringify(fitted.layers) !== JSON.stringify(settings.layers))
    throw new RangeError(
      "its network does not fit its data: another number of outputs, or another cost, is needed",
    );
  const count = weightCount(settings);
  if (weights.length !== count)
    throw new RangeError(`it has ${weights.length} weights for a network of ${count}`);
  return {settings, weights, points, classNames};
}

// A name from a link as it can be shown: not all of a long one.
function quoted(name) {
  return `“${name.length > 20 ? `${name.slice(0, 20)}…` : name}”`;
}

function numberFrom10(text, name) {
  if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text))
    throw new RangeError(`its ${name}, ${quoted(text)}, is no number`);
  return Number(text);
}

function layerFrom(text) {
  const [, size, activation] = /^(\d{1,4})\.(\w+)$/.exec(text) ?? [];
  if (!size) throw new RangeError(`its layer ${quoted(text)} is not of the form 8.tanh`);
  return {size: Number(size), activation};
}

function classesFrom(text) {
  let names;
  try {
    names = JSON.parse(text);
  } catch {
    throw new RangeError("its names of classes are damaged");
  }
  const isName = (name) => typeof name === "string" && name.length <= 100;
  const fits =
    names === null ||
    (Array.isArray(names) && names.length >= 2 && names.length <= LIMITS.classes && names.every(isName));
  if (!fits) throw new RangeError(`its classes must be 2 to ${LIMITS.classes} names`);
  return names;
}

function pointsFrom(numbers, classNames) {
  if (numbers.length % 3 || numbers.length > 3 * LIMITS.points)
    throw new RangeError(`its points are not up to ${LIMITS.points} whole ones`);
  const points = Array.from({length: numbers.length / 3}, (_, s) => [...numbers.subarray(3 * s, 3 * s + 3)]);
  const isClass = (label) =>
    !classNames || (Number.isInteger(label) && label >= 0 && label < classNames.length);
  if (!points.every(([, , label]) => isClass(label)))
    throw new RangeError("a point of it is of no class that there is");
  if (points.some(([x, y]) => Math.max(Math.abs(x), Math.abs(y)) > LIMITS.place))
    throw new RangeError("a point of it is too far out to be drawn");
  return points;
}

// Numbers in the letters that a link may have, to the last bit.
function packed(numbers) {
  const bytes = new Uint8Array(new Float64Array(numbers).buffer);
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function unpacked(text, what) {
  let letters;
  try {
    letters = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    throw new RangeError(`its ${what} are damaged`);
  }
  if (letters.length % 8) throw new RangeError(`its ${what} are damaged: a part is missing`);
  const numbers = new Float64Array(Uint8Array.from(letters, (letter) => letter.charCodeAt(0)).buffer);
  if (!numbers.every(Number.isFinite))
    throw new RangeError(`its ${what} are damaged: one is no finite number`);
  return numbers;
}
