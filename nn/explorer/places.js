// What a network says at places in the plane. It computes beside the network, with the same weights, so that
// the numbers of the points stay as they are.

class Places {
  constructor({inputs, layers, parameters}, features) {
    this.features = features;
    this.model = new Model(inputs, layers);
    this.model.parameters = parameters;
    this.inputs = new Float64Array(0);
  }

  // The outputs at places, [x, y] each, one after another.
  outputsAtAll(places) {
    const {features} = this;
    if (this.inputs.length < places.length * features.length)
      this.inputs = new Float64Array(places.length * features.length);
    let at = 0;
    for (const [x, y] of places) for (const name of features) this.inputs[at++] = FEATURES[name].of(x, y);
    return this.model.forward(this.inputs, places.length);
  }

  // The activation of a neuron at the s-th of the last places; layer 0 are the inputs.
  activation(l, j, s) {
    if (l === 0) return this.inputs[s * this.features.length + j];
    const {a, size} = this.model.layers[l - 1];
    return a[s * size + j];
  }
}
