// The network page: controls, plane, diagram, training and the chosen point's graph, kept in step with each other.

class NetworkPage {
  constructor(main, data, rules) {
    this.network = new ChangeableNetwork(data, rules);
    this.data = data;
    this.status = element("p", {class: "hint status", role: "status"}, this.network.warning ?? WELCOME);
    this.training = new Training(this);
    this.plane = new Plane(this.network, {
      onChoose: (index) => this.choose(index),
      onAdd: (x, y) => this.add(x, y),
      onDrag: (x, y, isFirst) => this.drag(x, y, isFirst),
      onDrop: () => this.tellPoint("moved"),
      onDelete: () => this.remove(),
    });
    this.curve = new WeightCurve(this);
    this.sizes = new GradientSizes(this);
    this.colours = new ColourControls(this);
    this.takeAway = new TakeAway(this);
    this.undoButton = button("Undo", () => this.undo(), {title: "Undo the last change (Ctrl+Z)"});
    this.controls = [DataControls, LayerControls, LearningControls, Parts].map((one) => new one(this));
    this.places = layOut(this, main);
    this.build();
    document.addEventListener("keydown", (event) => this.onKey(event));
    window.addEventListener("hashchange", () => this.followLink());
    onOtherColours(() => this.diagram.pictures.draw());
    this.followLink();
  }

  // Everything that is made for one network: anew when its layers or its data are others.
  build() {
    const {network, data, places} = this;
    const {formulas, notation} = data;
    this.formulas = new Formulas(network.sample, formulas, notation);
    this.selected = network.parameters[0];
    this.plane.fit();
    this.diagram = new Diagram(network, this.formulas, this.plane.view, {
      onSelect: (parameter) => this.select(parameter),
      onNeuron: (neuron) => this.showNeuron(neuron),
    });
    this.pointEditor = new PointEditor(this);
    this.weightEditor = new WeightEditor(this);
    const before = this.sampleGraph;
    this.sampleGraph = null; // it asks whether it is there
    this.sampleGraph = new SampleGraph(this, {...network.graph, formulas, notation}, before);
    places.choice.replaceChildren(this.pointEditor.choice);
    places.diagram.replaceChildren(this.diagram.element);
    places.weight.replaceChildren(this.weightEditor.element);
    places.point.replaceChildren(this.pointEditor.element);
    places.graph.replaceChildren(this.sampleGraph.element);
    this.colours.listNeurons();
    this.drawControls();
    this.refresh();
  }

  // Over the plane the activation of a neuron, [layer, place in it], or null for what the network decides.
  showNeuron(neuron) {
    this.plane.regions.neuron = neuron;
    this.plane.regions.draw();
    this.diagram.markShown(neuron && this.network.layers[neuron[0]][neuron[1]]);
    this.colours.tellNeuron(neuron);
  }

  drawControls() {
    for (const control of [this.training, this.colours, ...this.controls]) control.show();
  }

  // Other settings, as Network.change and Network.draw take them: what was, where it still fits, stays.
  reshape(change, words) {
    this.network.rememberAll();
    change(this.network);
    this.build();
    this.say([words, this.network.warning].filter(Boolean).join(" "));
  }

  // A control was used. What cannot be is said, and the controls show what is.
  set(changes, origins = null) {
    const {network} = this;
    const before = network.settings;
    let isOther;
    try {
      isOther = network.set(changes, origins);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.say(`${capital(error.message)}.`);
      this.drawControls();
      return;
    }
    if (isOther) {
      this.build();
    } else {
      this.drawControls();
      this.refresh();
    }
    const isRun = Object.keys(changes).some((name) => !SHOWING.includes(name));
    this.say(isRun ? this.toldOf(before) : "");
  }

  // What has come of other settings, beside what was asked for.
  toldOf(before) {
    const {settings, epoch, history, warning} = this.network;
    const [cost, outputs] = [settings.cost, settings.layers.at(-1).size];
    const told = [];
    if (cost !== before.cost) told.push(`The cost is the ${cost.replaceAll("_", " ")} now.`);
    if (outputs !== before.layers.at(-1).size)
      told.push(`The network has ${outputs} output${outputs === 1 ? "" : "s"} now.`);
    if (epoch === 0 && history.length === 1) told.push("Epochs are counted from here.");
    return [...told, ...(warning ? [warning] : [])].join(" ");
  }

  // What the link holds, if there is one; from a damaged one nothing is taken.
  followLink() {
    if (location.hash.length < 2) return;
    let state;
    try {
      state = readLink(location.hash);
    } catch (error) {
      return this.say(
        `The link cannot be followed: ${error.message}. What stands here is what the page had.`,
      );
    }
    return this.reshape((network) => network.load(state), "The settings and weights are those of the link.");
  }

  // Show everything as it is now.
  refresh() {
    this.drawPoints();
    this.pointEditor.draw();
    this.undoButton.disabled = !this.network.undoable.length;
    this.drawNumbers();
    this.sampleGraph.draw();
  }

  // While the network learns: what steps change, as far as it is seen, so that pictures follow one another.
  follow() {
    if (this.network.settings.colour === "share") this.drawPoints();
    this.drawNumbers();
    const {top, bottom} = this.places.graph.getBoundingClientRect();
    if (top < innerHeight && bottom > 0) this.sampleGraph.draw();
  }

  drawNumbers() {
    if (!this.network.isShown) this.network.showPoint();
    this.sampleGraph.walk.telling.told.setAttribute("aria-live", "off");
    this.plane.regions.draw();
    this.diagram.draw(this.selected);
    this.weightEditor.draw();
    this.training.draw();
    this.curve.draw();
    this.sizes.draw();
  }

  // Points in the colour of their class, or by their share in the gradient of the chosen weight.
  drawPoints() {
    const {network, plane, selected} = this;
    plane.drawPoints(network.settings.colour === "share" ? network.shares(selected) : null);
    this.colours.tellShares();
  }

  say(words) {
    this.status.textContent = words;
  }

  // --- points -----------------------------------------------------------------------------------------

  choose(index) {
    this.network.choose(index);
    this.refresh();
    this.tellPoint("chosen");
  }

  tellPoint(what) {
    const {network} = this;
    if (!network.point) return this.say("There are no points: add one.");
    const outputs = network.outputs.map((output) => network.sample.values[output]);
    const guess = network.isRegression ? "" : `, so ${network.classes[network.classFrom(outputs)].name}`;
    const named = this.plane.spoken(network.point, network.chosen);
    const cost = short(network.sample.cost);
    this.say(
      `${named}: ${what}. Output ${outputs.map((z) => short(z)).join(", ")}${guess}; its cost is ${cost}.`,
    );
  }

  add(x, y) {
    if (!this.network.add(x, y, ...this.pointEditor.given))
      return this.say(`The page takes ${this.network.mostPoints} points at most.`);
    this.changed();
    this.tellPoint("added");
    this.plane.focus();
  }

  drag(x, y, isFirst) {
    if (isFirst) this.network.rememberPoints();
    this.change({x, y}, false);
  }

  // Change the chosen point, as undo remembers unless it is one move of many.
  change(changes, isWhole = true) {
    if (!this.network.point) return;
    if (isWhole) this.network.rememberPoints();
    this.network.changePoint(this.plane.kept(changes));
    this.changed();
    if (isWhole) this.tellPoint("changed");
  }

  remove() {
    if (!this.network.point) return;
    this.network.remove();
    this.changed();
    this.say(`Point deleted; there are ${this.network.points.length}.`);
  }

  undo() {
    const {network} = this;
    if (!network.undoable.length) return;
    const what = network.undo();
    if (what === "points") this.changed();
    else if (what === "network") this.build();
    else [this.drawControls(), this.refresh()];
    this.say(what === "points" ? `Undone; there are ${network.points.length} points.` : "Undone.");
  }

  // Other points, another cost: its history begins anew, unless it is being made.
  changed() {
    if (!this.training.isRunning) this.network.restart();
    this.drawControls();
    this.refresh();
  }

  // --- weights ----------------------------------------------------------------------------------------

  select(parameter) {
    this.show(parameter);
    this.say(this.weightEditor.told());
  }

  show(parameter) {
    this.selected = parameter;
    this.diagram.draw(parameter);
    this.weightEditor.draw();
    this.drawPoints();
    this.curve.draw();
  }

  setParameter(parameter, value) {
    this.network.setParameter(parameter, value);
    this.changed();
  }

  onKey(event) {
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.target.closest("input[type=number]"))
      return;
    event.preventDefault();
    this.undo();
  }
}
