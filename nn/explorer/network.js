// The network, its data points and its training. One sample's graph serves all points, one after another.

class Network {
  // `data` is what Python's _network_data gives; `rules` the JavaScript of the rule book's rows.
  constructor(data, rules) {
    Object.assign(this, data);
    this.sample = new Graph(data.graph.nodes, rules); // the chosen point's, which is shown
    this.scan = new Graph(data.graph.nodes, rules); // goes over all the points, and over the plane
    this.inputs = data.layers[0];
    this.outputs = data.layers.at(-1);
    this.toOutputs = ancestors(data.graph.nodes, this.outputs);
    this.points = data.points.map(([x, y, label]) => ({x, y, label, home: {x, y, label}}));
    this.chosen = this.points.length ? 0 : null;
    this.undoable = [];
    this.restart();
  }

  get point() {
    return this.chosen === null ? null : this.points[this.chosen];
  }

  // --- over all points --------------------------------------------------------------------------------

  // The cost and every gradient as means over the points (A1, A5), and the share of points classed rightly.
  measure() {
    const {scan, points, parameters} = this;
    const sums = parameters.map(() => 0);
    const costs = [];
    let right = 0;
    for (const point of points) {
      this.place(scan, point);
      scan.compute();
      costs.push(scan.cost);
      parameters.forEach((p, k) => (sums[k] += scan.gradients[p]));
      right += this.classOf(scan) === point.label;
    }
    const n = points.length;
    this.cost = n ? fsum(...costs) / n : NaN;
    this.accuracy = n ? right / n : NaN;
    this.gradients = new Map(parameters.map((p, k) => [p, n ? sums[k] / n : 0]));
    if (this.point) {
      this.place(this.sample, this.point);
      this.sample.compute();
    }
  }

  place(graph, {x, y, label}) {
    const {inputs, targets, classes} = this;
    [graph.values[inputs[0]], graph.values[inputs[1]]] = [x, y];
    targets.forEach((leaf, j) => (graph.values[leaf] = classes[label].targets[j]));
  }

  // As nn.predict: the largest output, the first of equal ones; a single one above the threshold is class 1.
  classOf({values}) {
    const {outputs, threshold} = this;
    if (outputs.length === 1) return Number(values[outputs[0]] > threshold);
    return outputs.reduce((best, output, k) => (values[output] > values[outputs[best]] ? k : best), 0);
  }

  // The outputs at a place in the plane; the forward pass only.
  outputsAt(x, y) {
    const {scan, inputs} = this;
    const {values, rules, nodes} = scan;
    [values[inputs[0]], values[inputs[1]]] = [x, y];
    for (const i of this.toOutputs) {
      const {rule, parents} = nodes[i];
      values[i] = rules[rule].apply(
        null,
        parents.map((p) => values[p]),
      )[0];
    }
    return this.outputs.map((output) => values[output]);
  }

  classAt(x, y) {
    this.outputsAt(x, y);
    return this.classOf(this.scan);
  }

  // By how much each class leads: its output less the largest other; positive for one class at most.
  leads(outputs) {
    if (outputs.length === 1) return [this.threshold - outputs[0], outputs[0] - this.threshold];
    return outputs.map((z, k) => z - Math.max(...outputs.filter((_, other) => other !== k)));
  }

  // --- weights ----------------------------------------------------------------------------------------

  setParameters(changes) {
    for (const graph of [this.sample, this.scan]) for (const [p, value] of changes) graph.values[p] = value;
    this.measure();
  }

  // One step of gradient descent on all points: p ← p − rate · ∂C/∂p (E4).
  // Returns whether there was one to make.
  descend(rate) {
    const isFinite = [this.cost, ...this.gradients.values()].every(Number.isFinite);
    if (!isFinite || !this.points.length) return false;
    this.setParameters(this.parameters.map((p) => [p, this.sample.values[p] - rate * this.gradients.get(p)]));
    this.history.push(this.cost);
    return true;
  }

  get epoch() {
    return this.history.length - 1;
  }

  // The history begins anew with the cost of now.
  restart() {
    this.measure();
    this.history = [this.cost];
  }

  resetWeights() {
    this.setParameters(this.parameters.map((p) => [p, this.graph.nodes[p].data]));
    this.restart();
  }

  // Weights uniform within ±√(6 / (inputs + outputs of the layer)), after Glorot; biases 0.
  randomise(seed) {
    const random = generator(seed);
    const changes = this.biases.flat().map((b) => [b, 0]);
    this.weights.forEach((rows, l) => {
      const radius = Math.sqrt(6 / (this.layers[l].length + this.layers[l + 1].length));
      for (const w of rows.flat()) changes.push([w, radius * (2 * random() - 1)]);
    });
    this.setParameters(changes);
    this.restart();
  }

  // --- points -----------------------------------------------------------------------------------------

  choose(index) {
    this.chosen = this.points.length ? clamp(index, 0, this.points.length - 1) : null;
    this.measure();
  }

  // Remember the points as they are, for undo.
  remember() {
    this.undoable.push({points: this.points.map((point) => ({...point})), chosen: this.chosen});
    if (this.undoable.length > LONGEST_UNDO) this.undoable.shift();
  }

  add(x, y, label) {
    if (this.points.length >= this.mostPoints) return false;
    this.remember();
    this.points.push({x, y, label, home: {x, y, label}});
    this.choose(this.points.length - 1);
    return true;
  }

  // Change x, y or label of the chosen point.
  change(changes) {
    Object.assign(this.point, changes);
    this.measure();
  }

  remove() {
    this.remember();
    this.points.splice(this.chosen, 1);
    this.choose(this.chosen);
  }

  undo() {
    const {points, chosen} = this.undoable.pop();
    this.points = points;
    this.choose(chosen ?? 0);
  }
}

const LONGEST_UNDO = 100;

// The nodes to compute, in order, for some of them.
function ancestors(nodes, wanted) {
  const needed = new Set(wanted);
  for (let i = nodes.length - 1; i >= 0; i--)
    if (needed.has(i)) nodes[i].parents.forEach((p) => needed.add(p));
  return nodes.flatMap(({parents}, i) => (needed.has(i) && parents.length ? [i] : []));
}

// Random numbers from 0 to 1 that a seed repeats: a Weyl sequence, its bits mixed by multiplications.
function generator(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let bits = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
    return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
  };
}
