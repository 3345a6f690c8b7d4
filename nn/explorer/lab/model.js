// A network on typed arrays: many samples at once, forward and backward, by the formulas of the derivations.

class Model {
  // `layers` are {size, activation: {value, partial}, bias}, σ and σ′ functions of one number; a bias is
  // "neuron", one each, "layer", one for all, or null. Parameters stand as in Python: layer by layer the rows
  // of W, then b.
  constructor(inputs, layers) {
    this.inputs = inputs;
    let [before, at] = [inputs, 0];
    this.layers = layers.map(({size, activation, bias}) => {
      const weights = at;
      const biases = weights + size * before;
      const biasCount = bias === "neuron" ? size : bias === "layer" ? 1 : 0;
      at = biases + biasCount;
      const layer = {before, size, activation, bias, weights, biases, biasCount};
      before = size;
      return layer;
    });
    this.outputs = before;
    this.parameters = new Float64Array(at);
    this.gradients = new Float64Array(at);
    this.room = 0;
  }

  // Room for the numbers of so many samples.
  reserve(count) {
    if (count <= this.room) return;
    this.room = count;
    for (const layer of this.layers) {
      layer.z = new Float64Array(count * layer.size);
      layer.a = new Float64Array(count * layer.size);
      layer.delta = new Float64Array(count * layer.size);
    }
  }

  // z = Wa + b and a = σ(z), layer by layer, for `count` samples that stand one after another in `x`; the
  // activations of a layer are then in its `a`. Returns those of the last.
  forward(x, count) {
    this.reserve(count);
    const {parameters} = this;
    let a = x;
    for (const layer of this.layers) {
      const {before, size, weights, biases, bias, z} = layer;
      const {value} = layer.activation;
      for (let s = 0; s < count; s++) {
        for (let j = 0; j < size; j++) {
          let sum = bias === "neuron" ? parameters[biases + j] : bias === "layer" ? parameters[biases] : 0;
          const row = weights + j * before;
          const from = s * before;
          for (let k = 0; k < before; k++) sum += parameters[row + k] * a[from + k];
          z[s * size + j] = sum;
        }
      }
      a = layer.a;
      for (let i = 0; i < count * size; i++) a[i] = value(z[i]);
    }
    return a;
  }

  // The mean cost of samples and its gradients (A1, A5), which are then in `gradients`; `y` holds their
  // targets, `of` is a cost as in costs.js, and the cost of each sample goes into `each`, where one wants it.
  measure(x, y, count, of, each = null) {
    const outputs = this.forward(x, count);
    const {parameters, gradients, layers, outputs: n} = this;
    const last = layers.at(-1);
    const costs = each ?? this.costs(count);
    for (let s = 0; s < count; s++) costs[s] = of(outputs, y, s * n, n, last.delta);
    gradients.fill(0);
    for (let l = layers.length - 1; l >= 0; l--) {
      const {before, size, weights, biases, bias, z, delta} = layers[l];
      const {partial} = layers[l].activation;
      const a = l ? layers[l - 1].a : x;
      // δ = ∂C/∂a · σ′(z); what nothing flows back to stays 0 whatever its σ′.
      for (let i = 0; i < count * size; i++) if (delta[i] !== 0) delta[i] *= partial(z[i]);
      const below = l ? layers[l - 1].delta : null;
      below?.fill(0, 0, count * before);
      for (let s = 0; s < count; s++) {
        const from = s * before;
        for (let j = 0; j < size; j++) {
          const d = delta[s * size + j];
          if (d === 0) continue;
          const row = weights + j * before;
          // ∂C/∂w = δ·a, and ∂C/∂a of the layer before sums δ·w.
          for (let k = 0; k < before; k++) gradients[row + k] += d * a[from + k];
          if (below) for (let k = 0; k < before; k++) below[from + k] += d * parameters[row + k];
          if (bias) gradients[biases + (bias === "neuron" ? j : 0)] += d;
        }
      }
    }
    for (let i = 0; i < gradients.length; i++) gradients[i] /= count;
    return count ? summed(costs, count) / count : NaN;
  }

  // What each of `count` samples, whose inputs are `x`, gave to the gradient of the k-th parameter in the last
  // `measure`: their sum is the gradient.
  sharesOf(k, x, count) {
    const l = this.layers.findIndex(({biases, biasCount}) => k < biases + biasCount);
    const {before, size, weights, biases, bias, delta} = this.layers[l];
    const a = l ? this.layers[l - 1].a : x;
    const ofNeuron = (s, j) => delta[s * size + j] / count;
    return Float64Array.from({length: count}, (_, s) => {
      if (k < biases)
        return ofNeuron(s, Math.floor((k - weights) / before)) * a[s * before + ((k - weights) % before)];
      if (bias === "neuron") return ofNeuron(s, k - biases);
      let sum = 0;
      for (let j = 0; j < size; j++) sum += ofNeuron(s, j);
      return sum;
    });
  }

  // How large the gradient is in each layer: the root of the mean of its squares.
  gradientSizes() {
    return this.layers.map(({weights, biases, biasCount}) => {
      const gradients = this.gradients.subarray(weights, biases + biasCount);
      return Math.hypot(...gradients) / Math.sqrt(gradients.length);
    });
  }

  costs(count) {
    if (!(this.costsOfLast?.length >= count)) this.costsOfLast = new Float64Array(count);
    return this.costsOfLast;
  }

  // The mean cost alone.
  costOf(x, y, count, of) {
    const outputs = this.forward(x, count);
    const {outputs: n} = this;
    const {delta} = this.layers.at(-1);
    const costs = this.costs(count);
    for (let s = 0; s < count; s++) costs[s] = of(outputs, y, s * n, n, delta);
    return count ? summed(costs, count) / count : NaN;
  }

  // The mean costs with each of some numbers in place of the k-th parameter.
  costsWith(k, numbers, {x, y, count}, of) {
    const {parameters} = this;
    const now = parameters[k];
    const costs = numbers.map((w) => {
      parameters[k] = w;
      return this.costOf(x, y, count, of);
    });
    parameters[k] = now;
    return costs;
  }

  // Take over what still fits of another network's parameters. `origins` says for each layer, the inputs
  // first, which layer of the other it was, or null, and for each of its neurons which of that layer it was,
  // or null.
  keepFrom(other, origins) {
    this.layers.forEach((mine, l) => {
      const {layer, neurons} = origins[l + 1];
      if (layer === null) return;
      const theirs = other.layers[layer - 1];
      // Behind a layer that is new, or gone, neurons count by their place.
      const isSameBefore = origins[l].layer === layer - 1;
      const before = isSameBefore ? origins[l].neurons : Array.from({length: mine.before}, (_, k) => k);
      const fits = (k, count) => k !== null && k < count;
      neurons.forEach((was, j) => {
        if (!fits(was, theirs.size)) return;
        before.forEach((k, position) => {
          if (!fits(k, theirs.before)) return;
          this.parameters[mine.weights + j * mine.before + position] =
            other.parameters[theirs.weights + was * theirs.before + k];
        });
        if (mine.bias === "neuron" && theirs.bias === "neuron")
          this.parameters[mine.biases + j] = other.parameters[theirs.biases + was];
      });
      if (mine.bias === "layer" && theirs.bias === "layer")
        this.parameters[mine.biases] = other.parameters[theirs.biases];
    });
  }
}

// The sum of the first numbers, with what each addition rounds away kept and added at the end (Neumaier).
function summed(numbers, count) {
  let [sum, rest] = [0, 0];
  for (let i = 0; i < count; i++) {
    const x = numbers[i];
    const next = sum + x;
    rest += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum;
    sum = next;
  }
  return Number.isFinite(sum) ? sum + rest : sum;
}
