// What the network is made of: inputs, layers with their activations, biases and first weights.

class LayerControls {
  constructor(page) {
    this.page = page;
    this.fields = new Fields(page);
    this.rows = Array.from({length: LIMITS.layers - 1}, (_, l) => new LayerRow(this, l));
    this.more = button("Add a layer", () => this.addLayer(), {class: "small"});
    this.outputs = element("output", {"aria-label": "Outputs"});
    this.last = this.activations((activation) => this.changeLayer(this.layers.length - 1, {activation}));
    this.last.setAttribute("aria-label", "Activation of the output");
    this.inputs = Object.entries(FEATURES).map(([name, {text}]) => this.input(name, text));
    const {fields} = this;
    this.element = fold(
      "Inputs, layers, activations",
      "layer-controls",
      element(
        "div",
        {class: "row", role: "group", "aria-label": "Inputs"},
        "inputs",
        ...this.inputs.map(({label}) => label),
      ),
      ...this.rows.map((one) => one.element),
      row(element("span", {class: "name"}, "output"), this.outputs, this.last, this.more),
      row(
        fields.choice("init", "first weights", [
          ["", "as the activation asks"],
          ...Object.keys(INITIALIZERS).map((name) => [name, name.replace("_", " ")]),
        ]),
        fields.choice("bias", "bias", [
          ["neuron", "one each neuron"],
          ["layer", "one each layer"],
          ["", "none"],
        ]),
      ),
    );
  }

  get layers() {
    return this.page.network.settings.layers;
  }

  activations(act) {
    const {templates, activationNames} = this.page.network;
    const select = element(
      "select",
      {change: () => act(select.value)},
      ...Object.keys(templates.activations).map((name) =>
        element("option", {value: name}, (activationNames[name] ?? name).replace("_", " ")),
      ),
    );
    return select;
  }

  input(name, text) {
    const box = element("input", {type: "checkbox", change: () => this.changeInputs()});
    return {name, box, label: element("label", {class: "choice"}, box, text)};
  }

  changeInputs() {
    const features = this.inputs.filter(({box}) => box.checked).map(({name}) => name);
    if (features.length) return this.page.set({features});
    this.page.say("A network needs at least one input.");
    return this.show();
  }

  changeLayer(l, changes) {
    this.page.set({layers: this.layers.map((layer, k) => (k === l ? {...layer, ...changes} : layer))});
  }

  // Before the output, like the layer before it.
  addLayer() {
    const {layers} = this;
    const before = layers.at(-2) ?? {size: 4, activation: "tanh"};
    this.page.set({layers: [...layers.slice(0, -1), {...before}, layers.at(-1)]});
    this.rows[layers.length - 1].plus.focus();
  }

  // The layers behind the one that goes keep their weights, but for those to what is no longer there.
  removeLayer(l) {
    const layers = this.layers.filter((_, k) => k !== l);
    const all = (size) => Array.from({length: size}, (_, j) => j);
    const origins = layers.map(({size}, k) => ({layer: k < l ? k + 1 : k + 2, neurons: all(size)}));
    const inputs = {layer: 0, neurons: all(this.page.network.settings.features.length)};
    this.page.set({layers}, [inputs, ...origins]);
    if (l >= layers.length - 1) this.more.focus();
  }

  show() {
    const {network} = this.page;
    const {layers, features} = network.settings;
    this.rows.forEach((one, l) => one.show(l < layers.length - 1 ? layers[l] : null));
    this.more.disabled = layers.length >= LIMITS.layers;
    const {size, activation} = layers.at(-1);
    this.outputs.textContent = size;
    this.last.value = activation;
    for (const {name, box} of this.inputs) box.checked = features.includes(name);
    this.fields.show();
  }
}

// A hidden layer: how many neurons it has, and their activation.
class LayerRow {
  constructor(controls, l) {
    this.name = `layer ${l + 1}`;
    this.size = element("output", {"aria-label": `Neurons of ${this.name}`});
    const change = (by) => controls.changeLayer(l, {size: controls.layers[l].size + by});
    this.minus = button("−", () => change(-1), {
      class: "small",
      "aria-label": `Remove a neuron of ${this.name}`,
    });
    this.plus = button("+", () => change(1), {class: "small", "aria-label": `Add a neuron to ${this.name}`});
    this.activation = controls.activations((activation) => controls.changeLayer(l, {activation}));
    this.activation.setAttribute("aria-label", `Activation of ${this.name}`);
    const remove = button("×", () => controls.removeLayer(l), {
      class: "small",
      "aria-label": `Remove ${this.name}`,
    });
    const name = element("span", {class: "name"}, this.name);
    this.element = row(name, this.minus, this.size, this.plus, this.activation, remove);
  }

  show(layer) {
    this.element.hidden = !layer;
    if (!layer) return;
    this.size.textContent = layer.size;
    this.minus.disabled = layer.size <= 1;
    this.plus.disabled = layer.size >= LIMITS.neurons;
    this.activation.value = layer.activation;
  }
}
