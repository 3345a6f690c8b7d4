// The network, its data points and its training: what the page shows. All points at once by typed arrays, the
// chosen one node by node.

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
    const {rules, templates} = this;
    this.settings = settings;
    const {layers, bias, cost, features} = settings;
    this.isSingle = layers.at(-1).size === 1;
    this.costFunction = COSTS[cost]
      ? COSTS[cost].of
      : costOfGraph(templates.costs[cost][layers.at(-1).size], rules);
    const made = layers.map(({size, activation}) => {
      const functions =
        ACTIVATIONS[activation] ?? activationOfGraph(templates.activations[activation], rules);
      return {size, bias, activation: functions};
    });
    this.model = new Model(features.length, made);
    const places = new PointGraph(
      features.length,
      layers.map((layer) => ({...layer, bias})),
      cost,
      templates,
    ).data();
    this.graph = places;
    this.sample = new Graph(places.nodes, rules); // the chosen point's, which is shown
    this.layers = places.layers;
    this.inputs = places.layers[0];
    this.outputs = places.layers.at(-1);
    this.targets = places.targets;
    this.weights = places.weights;
    this.biases = places.biases;
    // In the order of the model's parameters.
    this.parameters = places.weights.flatMap((rows, l) => [...rows.flat(), ...places.biases[l]]);
    this.activations = ["", ...layers.map(({activation}) => this.activationNames[activation] ?? activation)];
    this.inputNames = features.map((name) => this.features[["x", "y"].indexOf(name)] ?? FEATURES[name].text);
    const endsInSigmoid = layers.at(-1).activation === "sigmoid";
    this.threshold = endsInSigmoid ? 0.5 : (COSTS[cost]?.threshold ?? 0);
    const low = COSTS[cost]?.low ?? (this.isSingle && !endsInSigmoid ? -1 : 0);
    this.classes = (this.classNames ?? ["below", "above"]).map((name, k) => ({
      name,
      targets: this.isSingle ? [k ? 1 : low] : this.outputs.map((_, j) => (j === k ? 1 : low)),
    }));
    for (const point of this.points) this.prepare(point);
    this.learning = new Learning(this.model, this.costFunction, settings);
    this.chosen = this.points.length ? clamp(this.chosen ?? 0, 0, this.points.length - 1) : null;
  }

  // What the network is given of a point, and what it is to answer.
  prepare(point) {
    point.inputs = this.settings.features.map((name) => FEATURES[name].of(point.x, point.y));
    if (this.isRegression) point.label = Number(point.target > 0); // its shape
    point.targets = this.isRegression ? [point.target] : this.classes[point.label].targets;
  }

  // Other settings: the points stay unless the data is other; weights that still fit stay. `origins` says
  // what layers and neurons were before, where their places do not.
  change(changes, origins = null) {
    const before = this.model;
    const was = this.settings;
    const settings = {...was, ...changes};
    this.build(settings);
    this.model.parameters.set(this.weightsOfSeed());
    this.model.keepFrom(before, origins ?? originsOf(was, settings));
    this.restart();
  }

  // Other settings, whatever they mean; an error says which cannot be. Returns whether the network is another
  // by that. `origins` as for `change`.
  set(changes, origins = null) {
    const was = this.settings;
    const settings = checkedSettings(changes, was);
    const concerns = (names) => names.some((name) => Object.hasOwn(changes, name));
    if (concerns([...DRAWING, ...SHAPING, ...BEGINNING])) this.rememberAll();
    else if (!concerns(SHOWING)) this.rememberSettings(Object.keys(changes));
    if (concerns(DRAWING) && settings.data !== "own") {
      this.draw(changes);
    } else if (concerns(SHAPING) || concerns(DRAWING)) {
      this.change(this.fitted(withFreedOutput(was, settings)), origins);
    } else if (concerns(BEGINNING)) {
      this.settings = this.learning.options = settings;
      if (concerns(["init", "seed"])) this.model.parameters.set(this.weightsOfSeed());
      this.restart();
      return false;
    } else {
      this.adjust(changes);
      return false;
    }
    return true;
  }

  // The settings as the points need them, with a cost that there is for them.
  fitted(settings) {
    const count = this.classNames?.length ?? 0;
    const fitted = fittedSettings(settings, count);
    if (fitted.cost !== "own" || this.templates.costs.own?.[fitted.layers.at(-1).size]) return fitted;
    return fittedSettings({...settings, cost: count > 2 ? "cross_entropy" : "hinge"}, count);
  }

  // Whether a cost is one for the points of now.
  takes(cost) {
    return this.fitted({...this.settings, cost}).cost === cost;
  }

  // Remember the whole network with its points; how it is shown stays through undo.
  rememberAll() {
    this.edited = null;
    const {settings, classNames, features} = this;
    const weights = this.model.parameters.slice();
    const {points, chosen} = this.copies();
    this.remember(() => {
      Object.assign(this, {classNames, features, edited: null});
      this.takeBack(points, chosen);
      this.build({...settings, ...picked(this.settings, SHOWING)});
      this.setWeights(weights);
      return "network";
    });
  }

  rememberSettings(names) {
    const before = picked(this.settings, names);
    this.remember(() => {
      this.adjust(before);
      return "settings";
    });
  }

  // Settings that a run goes on with, such as the learning rate; one that has begun is then none of one
  // setting.
  adjust(changes) {
    const others = Object.keys(changes).filter((name) => changes[name] !== this.settings[name]);
    if (!others.length) return;
    this.settings = {...this.settings, ...changes};
    this.learning.adopt(this.settings);
    if (others.every((name) => SHOWING.includes(name))) return;
    if (this.epoch) this.unrepeatable = `a setting was changed in epoch ${this.epoch}`;
    else this.restart();
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
    const n = this.model.outputs;
    if (!points.length || this.isRegression) return NaN;
    let right = 0;
    points.forEach(({label}, s) => (right += this.classFrom(outputs, s * n) === label));
    return right / points.length;
  }

  // As nn.predict: the largest output, the first of equal ones; a single one above the threshold is class 1.
  classFrom(outputs, at = 0) {
    const n = this.model.outputs;
    if (n === 1) return Number(outputs[at] > this.threshold);
    let best = 0;
    for (let k = 1; k < n; k++) if (outputs[at + k] > outputs[at + best]) best = k;
    return best;
  }

  // The mean gradient of a parameter, by its node.
  gradient(parameter) {
    return this.model.gradients[this.parameters.indexOf(parameter)];
  }

  // The outputs at places in the plane, [x, y] each, one after another.
  outputsAtAll(places) {
    const {features} = this.settings;
    this.scan ??= new Float64Array(0);
    if (this.scan.length < places.length * features.length)
      this.scan = new Float64Array(places.length * features.length);
    let at = 0;
    for (const [x, y] of places) for (const name of features) this.scan[at++] = FEATURES[name].of(x, y);
    return this.scanner.forward(this.scan, places.length);
  }

  // The same network once more, so that what is asked of places leaves the points' numbers alone.
  get scanner() {
    if (this.scanning?.of !== this.model) {
      const {inputs, layers, parameters} = this.model;
      this.scanning = new Model(inputs, layers);
      this.scanning.parameters = parameters;
      this.scanning.of = this.model;
    }
    return this.scanning;
  }

  // The activation of a neuron at the s-th place of the last scan; layer 0 are the inputs.
  scannedActivation(l, j, s) {
    const {features} = this.settings;
    if (l === 0) return this.scan[s * features.length + j];
    const {a, size} = this.scanner.layers[l - 1];
    return a[s * size + j];
  }

  outputsAt(x, y) {
    return [...this.outputsAtAll([[x, y]]).subarray(0, this.model.outputs)];
  }

  // By how much each class leads: its output less the largest other; positive for one class at most.
  leads(outputs) {
    if (outputs.length === 1) return [this.threshold - outputs[0], outputs[0] - this.threshold];
    return Array.from(outputs, (z, k) => {
      let other = -Infinity;
      outputs.forEach((one, j) => j !== k && (other = Math.max(other, one)));
      return z - other;
    });
  }

  // The mean cost with each of some numbers in place of a parameter.
  costsWith(parameter, numbers) {
    const {learning, scanner} = this;
    const {whole, cost} = learning;
    const k = this.parameters.indexOf(parameter);
    const {parameters} = this.model;
    const now = parameters[k];
    const costs = numbers.map((w) => {
      parameters[k] = w;
      return scanner.costOf(whole.x, whole.y, whole.count, cost);
    });
    parameters[k] = now;
    return costs;
  }

  // What each point that is learnt from gave to the mean gradient of a parameter, by its number.
  shares(parameter) {
    const {train, whole} = this.learning;
    const shares = this.model.sharesOf(this.parameters.indexOf(parameter), whole.x, whole.count);
    return new Map(train.map(({number}, s) => [number, shares[s]]));
  }

  // --- weights ----------------------------------------------------------------------------------------

  // All weights, in the order of the parameters.
  setWeights(numbers) {
    this.model.parameters.set(numbers);
    this.restart();
  }

  // The weights that Python draws of the seed.
  weightsOfSeed() {
    const {layers, init, seed} = this.settings;
    return initialWeights(
      this.model,
      layers.map(({activation}) => activation),
      init,
      seed,
    );
  }

  // Many changes of one weight in a row, as by its slider, are one for undo.
  setParameter(parameter, value) {
    if (this.edited !== parameter) this.rememberAll();
    this.edited = parameter;
    this.model.parameters[this.parameters.indexOf(parameter)] = value;
    this.unrepeatable = `a weight was changed in epoch ${this.epoch}`;
    this.learning.measure();
    this.showPoint();
  }

  // One epoch of training; whether there was one to make.
  descend() {
    if (!this.learning.runEpoch()) return false;
    this.isShown = false;
    this.edited = null;
    this.record();
    return true;
  }

  get epoch() {
    return this.learning.epoch;
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

  // The graph of the chosen point with the weights of now.
  showPoint() {
    const {sample, parameters, model, inputs, targets, point} = this;
    this.isShown = true;
    parameters.forEach((p, k) => (sample.values[p] = model.parameters[k]));
    if (point) {
      inputs.forEach((leaf, k) => (sample.values[leaf] = point.inputs[k]));
      targets.forEach((leaf, j) => (sample.values[leaf] = point.targets[j]));
      sample.compute();
    } else {
      // There is no point: no number of one is left to be seen.
      for (const leaf of [...inputs, ...targets]) sample.values[leaf] = NaN;
      sample.compute();
    }
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

  // --- points -----------------------------------------------------------------------------------------

  // The points of another data set.
  draw(changes) {
    const settings = {...this.settings, ...changes};
    const {data, points, noise, dataSeed} = settings;
    this.setPoints(drawPoints(data, points, noise, dataSeed), DATASETS[data].classes);
    this.features = ["x", "y"];
    this.change(this.fitted(settings));
  }

  // Points of one's own, as setPoints takes them.
  give(points, classNames) {
    this.setPoints(points, classNames);
    this.change(this.fitted({...this.settings, data: "own"}));
  }

  // What a link holds, as readLink gives it.
  load({settings, weights, points, classNames}) {
    const {data, points: n, noise, dataSeed} = settings;
    this.setPoints(points ?? drawPoints(data, n, noise, dataSeed), classNames);
    if (!points) this.features = ["x", "y"];
    this.build(settings);
    this.setWeights(weights);
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

  // The points are no longer those of a data set, and a run that goes on is none that Python could repeat.
  pointsChanged() {
    for (const point of this.points) this.prepare(point);
    this.settings = {...this.settings, data: "own"};
    this.unrepeatable = `the points were changed in epoch ${this.epoch}`;
    this.learning.keep(this.points);
    this.showPoint();
  }
}
