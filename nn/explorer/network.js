// The network of the page as it is now: all points at once by typed arrays, the chosen one node by node.

class Network extends DataPoints {
  // `data` is what Python's _network_data gives; `rules` the JavaScript of the rule book's rows.
  constructor(data, rules) {
    super(data.mostPoints);
    Object.assign(this, data);
    this.rules = rules;
    const settings = {...DEFAULTS, ...data.settings};
    this.given = {settings, parameters: data.parameters};
    this.setPoints(data.points, data.classNames);
    this.build(settings);
    this.setWeights(data.parameters);
  }

  // --- what it is made of -----------------------------------------------------------------------------

  // Make the network of these settings; its weights are still to be set.
  build(settings) {
    this.settings = settings;
    const {layers, bias, cost, features} = settings;
    const {rules, templates} = this;
    const functions = (name) => ACTIVATIONS[name] ?? activationOfGraph(templates.activations[name], rules);
    const made = layers.map(({size, activation}) => ({size, bias, activation: functions(activation)}));
    this.model = new Model(features.length, made);
    this.places = new Places(this.model, features);
    this.decision = new Decision(this.classNames, layers.at(-1), cost);
    this.classes = this.decision.classes;
    const costs = COSTS[cost]?.of ?? costOfGraph(templates.costs[cost][this.model.outputs], rules);
    this.learning = new Learning(this.model, costs, settings);
    this.activations = ["", ...layers.map(({activation}) => this.activationNames[activation] ?? activation)];
    this.inputNames = features.map((name) => this.features[["x", "y"].indexOf(name)] ?? FEATURES[name].text);
    this.growGraph();
    for (const point of this.points) this.prepare(point);
    this.chosen = this.points.length ? clamp(this.chosen ?? 0, 0, this.points.length - 1) : null;
  }

  // The graph of the chosen point, which is shown, and where in it the parts of the network stand.
  growGraph() {
    const {features, layers, bias, cost} = this.settings;
    const biased = layers.map((layer) => ({...layer, bias}));
    this.graph = new PointGraph(features.length, biased, cost, this.templates).data();
    this.sample = new Graph(this.graph.nodes, this.rules);
    const {layers: neurons, targets, weights, biases} = this.graph;
    // In the order of the model's parameters.
    const parameters = weights.flatMap((rows, l) => [...rows.flat(), ...biases[l]]);
    const [inputs, outputs] = [neurons[0], neurons.at(-1)];
    Object.assign(this, {layers: neurons, inputs, outputs, targets, weights, biases, parameters});
  }

  // What the network is given of a point, and what it is to answer.
  prepare(point) {
    point.inputs = this.settings.features.map((name) => FEATURES[name].of(point.x, point.y));
    if (this.isRegression) point.label = Number(point.target > 0); // its shape
    point.targets = this.isRegression ? [point.target] : this.classes[point.label].targets;
  }

  // The points are no longer those of a data set, and a run that goes on is none that Python could repeat.
  pointsChanged() {
    for (const point of this.points) this.prepare(point);
    this.settings = {...this.settings, data: "own"};
    this.unrepeatable = `the points were changed in epoch ${this.epoch}`;
    this.learning.keep(this.points);
    this.showPoint();
  }

  // --- over all points --------------------------------------------------------------------------------

  get cost() {
    return this.learning.costNow;
  }

  get heldOutCost() {
    return this.learning.heldOutCost;
  }

  // The share of the points that are learnt from, or held out, that are classed rightly.
  get accuracy() {
    return this.shareRight(this.learning.train, this.model.layers.at(-1).a);
  }

  get heldOutAccuracy() {
    return this.shareRight(this.learning.heldOut, this.learning.heldOutOutputs);
  }

  shareRight(points, outputs) {
    return this.isRegression ? NaN : this.decision.shareRight(points, outputs);
  }

  // The mean gradient of a parameter, by its node.
  gradient(parameter) {
    return this.model.gradients[this.parameters.indexOf(parameter)];
  }

  // What each point that is learnt from gave to the mean gradient of a parameter, by its number.
  shares(parameter) {
    const {train, whole} = this.learning;
    const shares = this.model.sharesOf(this.parameters.indexOf(parameter), whole.x, whole.count);
    return new Map(train.map(({number}, s) => [number, shares[s]]));
  }

  // The mean cost with each of some numbers in place of a parameter.
  costsWith(parameter, numbers) {
    const {whole, cost} = this.learning;
    return this.places.model.costsWith(this.parameters.indexOf(parameter), numbers, whole, cost);
  }

  outputsAt(x, y) {
    return [...this.places.outputsAtAll([[x, y]]).subarray(0, this.model.outputs)];
  }

  classFrom(outputs) {
    return this.decision.classFrom(outputs);
  }

  // What stands in the way of learning anything, in words; null if nothing does.
  get warning() {
    const {points, isRegression} = this;
    if (!points.length) return "There are no points to learn from: add one.";
    if (!this.learning.isFinite)
      return "A number is no longer finite: reset the weights, and take a smaller learning rate.";
    const isOneClass = !isRegression && points.every(({label}) => label === points[0].label);
    return isOneClass ? "All points are of one class: there is nothing to tell apart." : null;
  }

  // --- weights and training ---------------------------------------------------------------------------

  // All weights, in the order of the parameters.
  setWeights(numbers) {
    this.model.parameters.set(numbers);
    this.restart();
  }

  // The weights that Python draws of the seed.
  weightsOfSeed() {
    const {layers, init, seed} = this.settings;
    const activations = layers.map(({activation}) => activation);
    return initialWeights(this.model, activations, init, seed);
  }

  // The weight that was given, if the network has still the shape of then.
  homeOf(parameter) {
    return this.given.parameters[this.parameters.indexOf(parameter)] ?? 0;
  }

  // Back to the weights from Python, or where the network is another by now to those of the seed.
  resetWeights() {
    this.setWeights(this.hasGivenShape ? this.given.parameters : this.weightsOfSeed());
  }

  get hasGivenShape() {
    const shape = ({layers, features, bias}) => String([bias, features, ...layers.map(({size}) => size)]);
    return shape(this.given.settings) === shape(this.settings);
  }

  randomise(seed) {
    this.settings = this.learning.options = {...this.settings, seed};
    this.setWeights(this.weightsOfSeed());
  }

  get epoch() {
    return this.learning.epoch;
  }

  // One epoch of training; whether there was one to make.
  descend() {
    if (!this.learning.runEpoch()) return false;
    this.isShown = false;
    this.edited = null;
    this.record();
    return true;
  }

  // The history begins anew with the cost of now.
  restart() {
    this.learning.restart(this.points);
    this.unrepeatable = null; // why Python could not repeat the run, if it could not
    [this.history, this.heldOutHistory, this.sizes] = [[], [], []];
    this.record();
    this.showPoint();
  }

  record() {
    this.history.push(this.cost);
    this.heldOutHistory.push(this.heldOutCost);
    this.sizes.push(this.model.gradientSizes());
  }

  // The graph of the chosen point with the weights of now; without a point no number of one is left in it.
  showPoint() {
    const {sample, parameters, model, inputs, targets, point} = this;
    this.isShown = true;
    parameters.forEach((p, k) => (sample.values[p] = model.parameters[k]));
    inputs.forEach((leaf, k) => (sample.values[leaf] = point?.inputs[k] ?? NaN));
    targets.forEach((leaf, j) => (sample.values[leaf] = point?.targets[j] ?? NaN));
    sample.compute();
  }
}
