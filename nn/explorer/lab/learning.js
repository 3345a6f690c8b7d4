// Training as nn's fit does it (E6): which points are held out, the order of the batches, step after step.

class Learning {
  // `points` gives {inputs, targets} of each point; `cost` is as in costs.js; `options` are the settings of a
  // run.
  constructor(model, cost, options) {
    Object.assign(this, {model, cost, options});
    [this.train, this.heldOut] = [[], []];
  }

  // Begin anew with these points, the weights being what they are.
  restart(points) {
    const {model, options} = this;
    this.random = new Random(options.seed);
    [this.heldOut, this.train] = divided(points, options.heldOut, this.random);
    this.optimizer = null;
    this.adopt(options);
    this.epoch = 0;
    this.start = model.parameters.slice();
    this.refresh();
  }

  // Go on by other options: what an optimizer remembers of the steps so far it keeps, unless it is another.
  adopt(options) {
    const isOther = !this.optimizer || options.optimizer !== this.options.optimizer;
    if (isOther) this.optimizer = OPTIMIZERS[options.optimizer](this.model.parameters.length, options);
    this.optimizer.momentum = options.momentum;
    this.schedule = SCHEDULES[options.schedule](options);
    this.options = options;
  }

  // The points have moved, come or gone: those that are new are learnt from.
  keep(points) {
    const now = new Map(points.map((point) => [point.number, point]));
    const stillThere = (part) => part.flatMap(({number}) => now.get(number) ?? []);
    this.heldOut = stillThere(this.heldOut);
    this.train = stillThere(this.train);
    const known = new Set([...this.train, ...this.heldOut]);
    this.train.push(...points.filter((point) => !known.has(point)));
    this.refresh();
  }

  refresh() {
    const {model} = this;
    this.whole = new Batch(this.train, model);
    this.test = new Batch(this.heldOut, model);
    this.part = new Batch([], model);
    this.measure();
  }

  // The cost and its gradients over the points that are learnt from, and the cost of those held out.
  measure() {
    const {model, cost, whole, test} = this;
    this.heldOutCost = test.count ? model.costOf(test.x, test.y, test.count, cost) : NaN;
    this.heldOutOutputs = test.count ? model.layers.at(-1).a.slice(0, test.count * model.outputs) : null;
    this.costNow = model.measure(whole.x, whole.y, whole.count, cost);
    this.isFinite = Number.isFinite(this.costNow) && model.gradients.every(Number.isFinite);
  }

  // Once through all points, and the measure of what has come of it; whether there was a step to make.
  runEpoch() {
    const {model, train, options, whole} = this;
    if (!whole.count || !this.isFinite) return false;
    const {rate} = this;
    const size = Math.min(options.batch || train.length, train.length);
    if (size === train.length) {
      this.step(rate);
    } else {
      const order = this.random.sample(train);
      for (let from = 0; from < order.length; from += size) {
        this.part.fill(order.slice(from, from + size), model);
        model.measure(this.part.x, this.part.y, this.part.count, this.cost);
        this.step(rate);
      }
    }
    this.epoch++;
    this.measure();
    return true;
  }

  // The learning rate of the epoch that comes.
  get rate() {
    return this.options.rate * this.schedule(this.epoch);
  }

  // One step by the gradients of now, and by those of λ₁Σ|w| + ½λ₂Σw² over the weights.
  step(rate) {
    const {model, optimizer} = this;
    const {l1, l2} = this.options;
    const {parameters, gradients} = model;
    if (l1 || l2) {
      for (const {weights, biases} of model.layers) {
        for (let i = weights; i < biases; i++)
          gradients[i] += l2 * parameters[i] + l1 * Math.sign(parameters[i]);
      }
    }
    optimizer.step(parameters, gradients, rate);
  }
}

// The inputs and targets of some points, one after another.
class Batch {
  constructor(points, model) {
    this.room = 0;
    this.fill(points, model);
  }

  fill(points, {inputs, outputs}) {
    this.count = points.length;
    if (this.count > this.room) {
      this.room = this.count;
      this.x = new Float64Array(this.count * inputs);
      this.y = new Float64Array(this.count * outputs);
    }
    points.forEach((point, s) => {
      this.x.set(point.inputs, s * inputs);
      this.y.set(point.targets, s * outputs);
    });
  }
}

// The points to hold out, and those to learn from, as fit's validation_split divides them.
function divided(points, share, random) {
  const count = roundedHalfToEven(share * points.length);
  if (!(count > 0 && count < points.length)) return [[], [...points]];
  const order = random.sample(points);
  return [order.slice(0, count), order.slice(count)];
}

function roundedHalfToEven(x) {
  const nearest = Math.round(x);
  return nearest - x === 0.5 && nearest % 2 ? nearest - 1 : nearest;
}
