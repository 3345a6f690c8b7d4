// What the colours of the plane, of the points and of the neurons stand for.

class ColourControls {
  constructor(page) {
    this.page = page;
    this.fields = new Fields(page);
    this.pictures = this.fields.check("pictures", "pictures");
    this.neurons = element("select", {change: () => page.showNeuron(JSON.parse(this.neurons.value))});
    this.shares = element("p", {class: "hint"}, "");
    this.element = fold(
      "Colours, and whose fault it is",
      "colours",
      row(element("label", {class: "field"}, "plane shows", this.neurons)),
      row(
        this.fields.choice("colour", "points by their", Object.entries(COLOURS)),
        this.fields.check("discrete", "discrete output"),
      ),
      this.shares,
    );
  }

  // What the plane can show of the network of now; at first what it decides.
  listNeurons() {
    const {network, formulas, plane} = this.page;
    const option = (neuron, words) => element("option", {value: JSON.stringify(neuron)}, words);
    const ofLayer = (layer, l) => layer.map((node, j) => option([l, j], formulas.name(node)));
    this.neurons.replaceChildren(option(null, "what is decided"), ...network.layers.flatMap(ofLayer));
    plane.regions.neuron = null;
  }

  tellNeuron(neuron) {
    const {page} = this;
    this.neurons.value = JSON.stringify(neuron);
    const name = neuron && page.formulas.name(page.network.layers[neuron[0]][neuron[1]]);
    page.say(
      neuron
        ? `The plane shows ${name}: orange where it is positive, blue where negative, with a line at 0.`
        : "The plane shows what the network decides.",
    );
  }

  tellShares() {
    const {network, selected, formulas} = this.page;
    const isOn = network.settings.colour === "share";
    this.shares.hidden = !isOn;
    if (!isOn) return;
    const name = formulas.name(selected);
    this.shares.textContent =
      `Orange points push ${name} down, blue ones up, large ones most: their shares add up to its mean ` +
      `gradient, ${short(network.gradient(selected))}.`;
  }

  show() {
    this.fields.show();
  }
}
