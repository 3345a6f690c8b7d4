// The settings of the laboratory: what they are at first, what each may be, and how they fit the data.

const DEFAULTS = {
  data: "moons",
  points: 100,
  noise: 0.1,
  dataSeed: 0,
  heldOut: 0,
  features: ["x", "y"],
  layers: [
    {size: 8, activation: "tanh"},
    {size: 8, activation: "tanh"},
    {size: 1, activation: "linear"},
  ],
  bias: "neuron",
  cost: "hinge",
  init: "",
  seed: 1,
  optimizer: "sgd",
  rate: 0.1,
  momentum: 0,
  schedule: "constant",
  every: 100,
  factor: 0.5,
  batch: 0, // all points at once
  l1: 0,
  l2: 0,
  hidden: [], // parts of the page
  discrete: false,
  pictures: true,
  colour: "class",
};

// What a setting is for, as far as a change of it means more than other steps from now on.
const DRAWING = ["data", "points", "noise", "dataSeed"]; // other points
const SHAPING = ["features", "layers", "bias", "cost"]; // another network
const BEGINNING = ["heldOut", "init", "seed"]; // training begins anew
const SHOWING = ["hidden", "discrete", "pictures", "colour"]; // no number is another

// How points can be coloured.
const COLOURS = {class: "class", share: "share in the gradient"};

// `place` is how far from 0 a point can be drawn.
const LIMITS = {place: 1e300, points: 500, neurons: 16, layers: 8, classes: 5, nodes: 1000};

// How each setting is judged: what it must be, in words that complete "… is", and a test.
const SETTINGS = {
  data: ["own, or a data set of this page", (name) => name === "own" || Object.hasOwn(DATASETS, name)],
  points: wholeFrom(1, LIMITS.points),
  noise: numberFrom(0, 10),
  dataSeed: wholeFrom(0, 2 ** 32),
  heldOut: numberFrom(0, 0.9),
  features: [
    `some of ${Object.keys(FEATURES).join(", ")}, each once`,
    (names) =>
      Array.isArray(names) &&
      names.length > 0 &&
      new Set(names).size === names.length &&
      names.every((name) => Object.hasOwn(FEATURES, name)),
  ],
  layers: [
    `up to ${LIMITS.layers} layers of 1 to ${LIMITS.neurons} neurons, with an activation each`,
    (layers) =>
      Array.isArray(layers) && layers.length > 0 && layers.length <= LIMITS.layers && layers.every(isLayer),
  ],
  bias: ["neuron, layer or nothing", (bias) => ["neuron", "layer", null].includes(bias)],
  cost: ["a cost of this page", (name) => name === "own" || Object.hasOwn(COSTS, name)],
  init: [
    "the name of an initialiser, or nothing",
    (name) => name === "" || Object.hasOwn(INITIALIZERS, name),
  ],
  seed: wholeFrom(0, 2 ** 32),
  optimizer: oneOf(OPTIMIZERS),
  rate: ["a number above 0", (rate) => rate > 0 && Number.isFinite(rate)],
  momentum: ["a number from 0 to below 1", (mu) => mu >= 0 && mu < 1],
  schedule: oneOf(SCHEDULES),
  every: wholeFrom(1, 1e9),
  factor: ["a number above 0", (factor) => factor > 0 && Number.isFinite(factor)],
  batch: wholeFrom(0, LIMITS.points),
  l1: numberFrom(0, 1e6),
  l2: numberFrom(0, 1e6),
  hidden: ["parts of the page", (names) => names.every((name) => Object.hasOwn(PARTS, name))],
  discrete: isYesOrNo(),
  pictures: isYesOrNo(),
  colour: oneOf(COLOURS),
};

function isYesOrNo() {
  return ["yes or no", (value) => typeof value === "boolean"];
}

function isLayer(layer) {
  if (typeof layer !== "object" || layer === null) return false;
  const {size, activation} = layer;
  // A network from Python may have wider layers, for which there are rules then.
  const fits = size <= LIMITS.neurons || Object.hasOwn(RULES, `affine/${2 * size + 1}`);
  const isKnown = Object.hasOwn(ACTIVATIONS, activation) || /^own \d+$/.test(activation);
  return Number.isInteger(size) && size >= 1 && fits && isKnown;
}

function wholeFrom(low, high) {
  return [`a whole number from ${low} to ${high}`, (n) => Number.isInteger(n) && n >= low && n <= high];
}

function numberFrom(low, high) {
  return [`a number from ${low} to ${high}`, (x) => typeof x === "number" && x >= low && x <= high];
}

function oneOf(table) {
  return [
    `one of ${Object.keys(table).join(", ")}`,
    (name) => typeof name === "string" && Object.hasOwn(table, name),
  ];
}

// The settings, if each is what it must be; else an error that says which is not. What is left out is as in
// `others`.
function checkedSettings(given, others = DEFAULTS) {
  const settings = {...others};
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(SETTINGS, name)) throw new RangeError(`there is no setting “${name}”`);
    const [words, fits] = SETTINGS[name];
    if (!fits(value)) throw new RangeError(`the setting ${name} must be ${words}`);
    settings[name] = value;
  }
  if (nodeCount(settings) > LIMITS.nodes)
    throw new RangeError(
      `the graph of a point would have ${nodeCount(settings)} nodes; ${LIMITS.nodes} can be shown`,
    );
  const least = DATASETS[settings.data]?.least ?? 0;
  if (settings.points < least) throw new RangeError(`${settings.data} needs at least ${least} points`);
  return settings;
}

function picked(settings, names) {
  return Object.fromEntries(names.map((name) => [name, settings[name]]));
}

// How many weights and biases a network has.
function weightCount({features, layers, bias}) {
  return sumOverLayers(
    features,
    layers,
    (before, size) => size * before + (bias === "neuron" ? size : bias ? 1 : 0),
  );
}

// How many nodes the graph of a point has, but for those of its cost: of each neuron its parameters, z and a.
function nodeCount({features, layers}) {
  return features.length + sumOverLayers(features, layers, (before, size) => size * (before + 3));
}

function sumOverLayers(features, layers, count) {
  return layers.reduce((sum, {size}, l) => sum + count(l ? layers[l - 1].size : features.length, size), 0);
}

// The settings with as many outputs as the data needs, one for each class, or one for two classes or for a
// number to learn (no classes); and a cost that takes them.
function fittedSettings(settings, classCount) {
  let {cost} = settings;
  if (!classCount && !SQUARED_ERRORS.includes(cost) && cost !== "own") cost = "mean_squared_error";
  const hidden = settings.layers.slice(0, -1);
  let {size, activation} = settings.layers.at(-1);
  if (classCount > 2 || cost === "cross_entropy") size = classCount;
  else if (size !== classCount) size = 1;
  if (cost === "binary_cross_entropy") activation = "sigmoid";
  return {...settings, cost, layers: [...hidden, {size, activation}]};
}

const SQUARED_ERRORS = ["mean_squared_error", "half_squared_error", "sum_squared_error"];

// An output that had to be what the cost before needed is so no longer.
function withFreedOutput(was, settings) {
  if (settings.cost === was.cost) return settings;
  const [hidden, last] = [settings.layers.slice(0, -1), {...settings.layers.at(-1)}];
  if (was.cost === "binary_cross_entropy") last.activation = "linear";
  if (was.cost === "cross_entropy") last.size = 1;
  return {...settings, layers: [...hidden, last]};
}

// Which layers and neurons of new settings were which before, if they are told by their places: hidden layers
// from the first on, the last by itself, inputs by their names.
function originsOf(was, now) {
  const count = (size) => Array.from({length: size}, (_, j) => j);
  const names = now.features.map((name) => was.features.indexOf(name)).map((k) => (k < 0 ? null : k));
  const origins = now.layers.map(({size}, l) => {
    const isLast = l === now.layers.length - 1;
    const layer = isLast ? was.layers.length : l < was.layers.length - 1 ? l + 1 : null;
    return {layer, neurons: count(size)};
  });
  return [{layer: 0, neurons: names}, ...origins];
}
