// The network page: plane, diagram, training and the chosen point's graph, kept in step with each other.

class NetworkPage {
  constructor(main, data, rules) {
    this.network = new Network(data, rules);
    this.main = main;
    this.data = data;
    this.status = element("p", {class: "hint status", role: "status"}, "");
    this.training = new Training(this);
    this.plane = new Plane(this.network, {
      onChoose: (index) => this.choose(index),
      onAdd: (x, y) => this.add(x, y),
      onDrag: (x, y, isFirst) => this.drag(x, y, isFirst),
      onDrop: () => this.tellPoint("moved"),
      onDelete: () => this.remove(),
    });
    this.build();
    document.addEventListener("keydown", (event) => this.onKey(event));
    window.addEventListener("hashchange", () => this.followLink());
    this.followLink();
  }

  // Everything that is made for one network: anew when its layers or its data are others.
  build() {
    const {network, data, main} = this;
    const {formulas, notation} = data;
    this.formulas = new Formulas(network.sample, formulas, notation);
    this.selected = network.parameters[0];
    this.plane.fit();
    this.diagram = new Diagram(network, this.formulas, {onSelect: (parameter) => this.select(parameter)});
    this.pointEditor = new PointEditor(this);
    this.weightEditor = new WeightEditor(this);
    this.sampleGraph = null; // it asks whether it is there
    this.sampleGraph = new SampleGraph(this, {...network.graph, formulas, notation});
    const cost = network.settings.cost === "own" ? data.costName : network.settings.cost.replaceAll("_", " ");
    main.replaceChildren(
      this.training.element,
      element(
        "div",
        {class: "board"},
        section(
          "plane-section",
          "Data and decision",
          this.plane.element,
          this.plane.readout,
          this.pointEditor.choice,
        ),
        section("diagram-section", "Network", this.diagram.element, this.weightEditor.element),
        section(
          "state-section",
          cost ? `Cost: ${cost}` : "Cost",
          this.training.state,
          this.training.chart.element,
          this.pointEditor.element,
          this.status,
          help(),
        ),
      ),
      this.sampleGraph.element,
    );
    this.refresh();
  }

  // Other settings, as Network.change and Network.draw take them: what was, where it still fits, stays.
  reshape(change, words) {
    this.training.pause();
    change(this.network);
    this.training.show();
    this.build();
    this.say(words);
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

  // Show the numbers of now.
  refresh() {
    if (!this.network.isShown) this.network.showPoint();
    this.sampleGraph.walk.telling.told.setAttribute("aria-live", "off");
    this.plane.drawPoints();
    this.plane.regions.draw();
    this.diagram.draw(this.selected);
    this.pointEditor.draw();
    this.weightEditor.draw();
    this.training.draw();
    this.sampleGraph.draw();
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
    const guess = network.classes[network.classFrom(outputs)].name;
    const named = this.plane.spoken(network.point, network.chosen);
    const cost = short(network.sample.cost);
    this.say(
      `${named}: ${what}. Output ${outputs.map((z) => short(z)).join(", ")}, so ${guess}; its cost is ${cost}.`,
    );
  }

  add(x, y) {
    if (!this.network.add(x, y, this.pointEditor.newLabel))
      return this.say(`The page takes ${this.network.mostPoints} points at most.`);
    this.changed();
    this.tellPoint("added");
    this.plane.focus();
  }

  drag(x, y, isFirst) {
    if (isFirst) this.network.remember();
    this.change({x, y}, false);
  }

  // Change the chosen point, as undo remembers unless it is one move of many.
  change(changes, isWhole = true) {
    if (!this.network.point) return;
    if (isWhole) this.network.remember();
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
    if (!this.network.undoable.length) return;
    this.network.undo();
    this.changed();
    this.say(`Undone; there are ${this.network.points.length} points.`);
  }

  // Other points, another cost: its history begins anew, unless it is being made.
  changed() {
    if (!this.training.isRunning) this.network.restart();
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

function section(name, title, ...parts) {
  return element(
    "section",
    {class: name, "aria-labelledby": `${name}-title`},
    element("h2", {id: `${name}-title`}, title),
    ...parts,
  );
}

function button(words, click, attributes = {}) {
  return element("button", {type: "button", click, ...attributes}, words);
}

function help() {
  return element(
    "details",
    {},
    element("summary", {}, "Mouse, touch and keys"),
    element("p", {id: "plane-help", class: "hint"}, HELP),
  );
}

const HELP =
  "Click into the plane to add a point; drag a point to move it; press Delete, or hold it on a touch " +
  "screen, to delete it. With a point in focus, arrow keys move it (with Shift ten times as far), Page Up " +
  "and Page Down go to another, Ctrl+Z undoes. Click a line of the network, or a square, which is a bias, to " +
  "change its weight; arrow keys go from one to the next. In the graph a leaf can be dragged sideways: a " +
  "weight changes for all points, an input moves the chosen point. Elsewhere the space bar plays the walk " +
  "through the graph, and ← and → go step by step.";
