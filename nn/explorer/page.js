// The network page: plane, diagram, training, and the graph of the chosen point, kept in step with each other.

const SPEEDS_OF_TRAINING = [1, 5, 20, 60, 300];
// What a slow machine cannot do in time it need not catch up on.
const MOST_OWED = 100;
const MOST_IN_CHART = 500;
const PICTURES_PER_SECOND = matchMedia("(prefers-reduced-motion: reduce)").matches ? 2 : 30;

class NetworkPage {
  constructor(main, data, rules) {
    this.network = new Network(data, rules);
    const {sample} = this.network;
    this.formulas = new Formulas(sample, data.graph.formulas, data.graph.notation);
    this.selected = this.network.parameters[0];
    this.status = element("p", {class: "hint status", role: "status"}, "");
    this.plane = new Plane(this.network, {
      onChoose: (index) => this.choose(index),
      onAdd: (x, y) => this.add(x, y),
      onDrag: (x, y, isFirst) => this.drag(x, y, isFirst),
      onDrop: () => this.tellPoint("moved"),
      onDelete: () => this.remove(),
    });
    this.diagram = new Diagram(this.network, this.formulas, {onSelect: (parameter) => this.select(parameter)});
    this.pointEditor = new PointEditor(this);
    this.weightEditor = new WeightEditor(this);
    this.training = new Training(this);
    this.sampleGraph = new SampleGraph(this, data.layouts);
    main.append(
      this.training.element,
      element("div", {class: "board"},
        section("plane-section", "Data and decision", this.plane.element, this.plane.readout, this.pointEditor.choice),
        section("diagram-section", "Network", this.diagram.element, this.weightEditor.element),
        section("state-section", "State", this.training.state, this.training.chart.element, this.pointEditor.element, this.status, help()),
      ),
      this.sampleGraph.element,
    );
    document.addEventListener("keydown", (event) => this.onKey(event));
    this.sampleGraph.drawing.viewport.fit();
    this.refresh();
  }

  // Show the numbers of now.
  refresh() {
    this.sampleGraph.told.setAttribute("aria-live", "off");
    this.plane.drawPoints();
    this.plane.drawRegions();
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
    const outputs = network.outputs.map((output) => short(network.sample.values[output])).join(", ");
    const guess = network.classes[network.classOf(network.sample)].name;
    this.say(`${this.plane.spoken(network.point, network.chosen)}: ${what}. Output ${outputs}, so ${guess}; its cost is ${short(network.sample.cost)}.`);
  }

  add(x, y) {
    if (!this.network.add(x, y, this.pointEditor.newLabel)) return this.say(`The page takes ${this.network.mostPoints} points at most.`);
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
    this.network.change(this.plane.kept(changes));
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
    this.network.setParameters([[parameter, value]]);
    this.changed();
  }

  onKey(event) {
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.target.closest("input[type=number]")) return;
    event.preventDefault();
    this.undo();
  }
}

function section(name, title, ...parts) {
  return element("section", {class: name, "aria-labelledby": `${name}-title`}, element("h2", {id: `${name}-title`}, title), ...parts);
}

function button(words, click, attributes = {}) {
  return element("button", {type: "button", click, ...attributes}, words);
}

function help() {
  return element("details", {},
    element("summary", {}, "Mouse, touch and keys"),
    element("p", {id: "plane-help", class: "hint"},
      "Click into the plane to add a point, drag a point to move it, press Delete, or hold it on a touch screen, to delete it. " +
      "With a point in focus: arrow keys move it (with Shift ten times as far), Page Up and Page Down go to another, Ctrl+Z undoes. " +
      "Click a line of the network, or a square, which is a bias, to change its weight; arrow keys go from one to the next. " +
      "In the graph below a leaf can be dragged sideways: a weight changes for all points, an input moves the chosen point."));
}

// The class of new points, and the chosen point in numbers.
class PointEditor {
  constructor(page) {
    const {network} = page;
    this.page = page;
    this.newLabel = 0;
    const radios = network.classes.map(({name}, k) => {
      const input = element("input", {type: "radio", name: "new-class", value: k, change: () => (this.newLabel = k), ...(k ? {} : {checked: ""})});
      return element("label", {class: "choice"}, input, sign(k), name);
    });
    const field = (key, k) => element("input", {
      type: "number", step: "any", "aria-label": `${network.features[k]} of the chosen point`,
      change: (event) => this.setPlace(key, event.target),
    });
    [this.x, this.y] = [field("x", 0), field("y", 1)];
    this.label = element("select", {"aria-label": "Class of the chosen point", change: () => page.change({label: Number(this.label.value)})},
      ...network.classes.map(({name}, k) => element("option", {value: k}, name)));
    this.number = element("span", {class: "number"});
    this.previous = button("◀", () => page.choose(network.chosen - 1), {"aria-label": "Previous point", class: "small"});
    this.next = button("▶", () => page.choose(network.chosen + 1), {"aria-label": "Next point", class: "small"});
    this.delete = button("Delete", () => page.remove());
    this.undo = button("Undo", () => page.undo(), {title: "Undo the last change of points (Ctrl+Z)"});
    const {view} = page.plane;
    const middle = [view.x0, view.y0].map((c) => Number((c + view.extent / 2).toFixed(view.digits)));
    this.choice = element("div", {class: "row new", role: "radiogroup", "aria-label": "Class of new points"},
      "new:", ...radios, button("Add", () => page.add(...middle), {title: "Add a point in the middle; or click into the plane", class: "small"}));
    this.element = element("div", {class: "editor"},
      element("div", {class: "row"}, this.previous, this.number, this.next),
      element("div", {class: "row"}, element("label", {}, `${network.features[0]} `, this.x), element("label", {}, `${network.features[1]} `, this.y)),
      element("div", {class: "row"}, this.label, this.delete, this.undo),
    );
  }

  setPlace(key, {value}) {
    if (value !== "" && Number.isFinite(Number(value))) this.page.change({[key]: Number(value)});
    else this.draw();
  }

  draw() {
    const {network} = this.page;
    const {point, points, chosen} = network;
    for (const control of [this.x, this.y, this.label, this.delete]) control.disabled = !point;
    this.undo.disabled = !network.undoable.length;
    this.previous.disabled = !chosen;
    this.next.disabled = chosen === null || chosen === points.length - 1;
    this.number.textContent = point ? `point ${chosen + 1} of ${points.length}` : "no points";
    if (!point) return;
    [this.x.value, this.y.value, this.label.value] = [point.x, point.y, point.label];
  }
}

// A class's shape in its colour.
function sign(k) {
  return drawn("svg", {class: "sign-of-class", viewBox: "-9 -9 18 18", "aria-hidden": "true"},
    drawn("path", {d: SHAPES[k % SHAPES.length], class: `point class${k % SHAPES.length}`}));
}

// The selected weight: slider, number, and its gradient for the chosen point and as the mean over all.
class WeightEditor {
  constructor(page) {
    const {network, formulas} = page;
    this.page = page;
    this.select = element("select", {"aria-label": "Weight or bias", change: () => page.select(Number(this.select.value))},
      ...network.parameters.map((p) => element("option", {value: p}, formulas.name(p))));
    this.field = element("input", {
      type: "number", step: "any",
      input: () => this.field.value !== "" && page.setParameter(page.selected, Number(this.field.value)),
    });
    this.slider = element("input", {
      type: "range", step: "any",
      input: () => page.setParameter(page.selected, Number(Number(this.slider.value).toPrecision(4))),
      change: () => page.say(this.told()),
    });
    this.formula = element("div", {class: "gradients"});
    this.element = element("div", {class: "editor"}, element("div", {class: "row"}, this.select, this.field, this.slider), this.formula);
  }

  told() {
    const {network, formulas, selected} = this.page;
    const name = formulas.name(selected);
    return `${name} = ${short(network.sample.values[selected])}; mean gradient ${short(network.gradients.get(selected))}; cost ${short(network.cost)}.`;
  }

  draw() {
    const {network, formulas, selected} = this.page;
    const value = network.sample.values[selected];
    const name = formulas.name(selected);
    this.select.value = selected;
    this.field.setAttribute("aria-label", `Value of ${name}`);
    this.slider.setAttribute("aria-label", `Value of ${name}, slider`);
    if (document.activeElement !== this.field || Number(this.field.value) !== value) this.field.value = value;
    const reach = Math.max(3, 2 ** Math.ceil(Math.log2(Math.abs(value) || 1)));
    if (document.activeElement !== this.slider) [this.slider.min, this.slider.max] = [-reach, reach];
    this.slider.value = value;
    const gradient = formulas.derivative(network.sample.root, selected);
    const lines = [
      ["mean over points", network.gradients.get(selected), "mean"],
      ["chosen point", network.point ? network.sample.gradients[selected] : NaN, "single"],
    ];
    this.formula.replaceChildren(...lines.map(([words, number, kind]) => {
      const line = mathematics(formulas.chain(gradient, shortMath(number)));
      line.dataset.gradient = kind;
      line.append(element("span", {}, words));
      return line;
    }));
  }
}

// Gradient descent on all points: one step, or many at a speed.
class Training {
  constructor(page) {
    this.page = page;
    this.chart = new Chart("Cost");
    this.rate = element("input", {type: "number", value: 0.1, min: 0, step: "any"});
    this.seed = element("input", {type: "number", value: 1, min: 0, step: 1, class: "narrow"});
    this.speed = element("select", {}, ...SPEEDS_OF_TRAINING.map((n) => element("option", {value: n, ...(n === 20 ? {selected: ""} : {})}, `${n} a second`)));
    this.run = button("Run", () => (this.isRunning ? this.pause() : this.start()), {"aria-pressed": "false", class: "main"});
    const labelled = (words, control) => element("label", {}, `${words} `, control);
    const output = (name) => element("output", {"aria-label": name});
    [this.epoch, this.cost, this.accuracy] = ["Epoch", "Cost", "Accuracy"].map(output);
    this.element = element("div", {class: "training", role: "group", "aria-label": "Training"},
      this.run,
      button("Step", () => (this.pause(), this.step(), this.finish())),
      labelled("speed", this.speed),
      labelled("learning rate α", this.rate),
      button("Reset weights", () => this.restart("The weights are those of Python again.", () => page.network.resetWeights())),
      button("Randomise", () => this.randomise()),
      labelled("seed", this.seed),
    );
    this.state = element("dl", {},
      ...[["epoch", this.epoch], ["cost", this.cost], ["accuracy", this.accuracy]].map(([name, value]) =>
        element("div", {}, element("dt", {}, name), element("dd", {}, value))));
    this.isRunning = false;
  }

  // One step; whether there was one to make.
  step() {
    const rate = this.rate.value === "" ? NaN : Number(this.rate.value);
    if (!Number.isFinite(rate)) return this.halt("The learning rate is a number, such as 0.1.");
    if (!this.page.network.points.length) return this.halt("There are no points to learn from: add one.");
    if (!this.page.network.descend(rate)) return this.halt("A number is no longer finite: reset the weights, and take a smaller learning rate.");
    return true;
  }

  halt(reason) {
    this.pause();
    this.page.say(reason);
    return false;
  }

  start() {
    this.isRunning = true;
    this.showRunning();
    this.page.say("Training…");
    let last = performance.now();
    let [owed, nextPicture] = [1, last];
    const tick = (now) => {
      if (!this.isRunning) return;
      requestAnimationFrame(tick);
      owed = Math.min(owed + (Math.max(now - last, 0) / 1000) * this.speed.value, MOST_OWED);
      last = now;
      if (owed < 1 || now < nextPicture) return;
      nextPicture = now + 1000 / PICTURES_PER_SECOND;
      for (const deadline = performance.now() + MILLISECONDS_PER_PICTURE; owed >= 1 && performance.now() < deadline; owed--) {
        if (!this.step()) return;
      }
      this.page.refresh();
    };
    requestAnimationFrame(tick);
  }

  pause() {
    if (!this.isRunning) return;
    this.isRunning = false;
    this.showRunning();
    this.finish();
  }

  finish() {
    const {network} = this.page;
    this.page.refresh();
    if (Number.isFinite(network.cost)) this.page.say(`Epoch ${network.epoch}: cost ${short(network.cost)}, accuracy ${percent(network.accuracy)}.`);
  }

  showRunning() {
    this.run.textContent = this.isRunning ? "Pause" : "Run";
    this.run.setAttribute("aria-pressed", this.isRunning);
  }

  restart(words, change) {
    this.pause();
    change();
    this.page.refresh();
    this.page.say(words);
  }

  randomise() {
    const seed = Math.trunc(Number(this.seed.value)) || 0;
    this.restart(`Random weights of seed ${seed}.`, () => this.page.network.randomise(seed));
    this.seed.value = seed + 1;
  }

  draw() {
    const {network} = this.page;
    this.epoch.textContent = network.epoch;
    this.cost.textContent = network.points.length ? short(network.cost) : "–";
    this.accuracy.textContent = network.points.length ? percent(network.accuracy) : "–";
    this.chart.draw(thinned(network.history), network.epoch);
  }
}

// Some of many numbers, at equal distances, the first and the last among them.
function thinned(numbers) {
  const last = numbers.length - 1;
  if (last < MOST_IN_CHART) return numbers;
  return Array.from({length: MOST_IN_CHART + 1}, (_, k) => numbers[Math.round((k * last) / MOST_IN_CHART)]);
}

function percent(share) {
  return `${short(100 * share, 3)} %`;
}

// The graph of the chosen point, node by node, as on the page of a single graph. Its many weights and biases
// are drawn on demand.
class SampleGraph {
  constructor(page, {whole, folded}) {
    const {network, formulas} = page;
    const {sample} = network;
    this.page = page;
    this.steps = new Steps(sample, formulas);
    const select = (node) => this.select(node);
    const change = (leaf, value) => this.change(leaf, value);
    const onScrub = (leaf, value) => (this.selected !== leaf && select(leaf), change(leaf, value));
    const drawingOf = (layout) => new Drawing(sample, formulas, layout, {onSelect: select, onScrub});
    [this.whole, this.folded] = [drawingOf(whole), drawingOf(folded)];
    this.showsWeights = element("input", {type: "checkbox", change: () => this.exchange()});
    this.panel = new Panel(sample, formulas, {onSelect: select, onChange: change, onReset: (leaf) => this.reset(leaf)});
    this.player = new Player(this.steps.last, () => this.moved());
    this.selected = null;
    this.title = element("h3", {});
    this.words = element("p", {});
    this.lines = element("div", {class: "lines"});
    this.told = element("div", {}, this.title, this.words);
    const telling = element("section", {class: "telling", "aria-label": "This step"}, this.told, this.lines);
    this.player.element.append(element("label", {class: "choice"}, this.showsWeights, "weights and biases"));
    this.element = section("sample-section", "Graph of the chosen point", this.player.element, this.folded.element, legend(this.folded.viewport.buttons),
      element("div", {class: "columns"}, telling, this.panel.element));
  }

  get drawing() {
    return this.showsWeights.checked ? this.whole : this.folded;
  }

  exchange() {
    const [shown, hidden] = this.showsWeights.checked ? [this.whole, this.folded] : [this.folded, this.whole];
    hidden.element.replaceWith(shown.element);
    hidden.viewport.buttons.replaceWith(shown.viewport.buttons);
    shown.viewport.fit();
    this.draw();
  }

  draw() {
    const {position} = this.player;
    const {kind, node} = this.steps.list[position];
    this.drawing.update({
      hasValue: (i) => this.steps.valueAt[i] <= position,
      hasGradient: (i) => this.steps.gradientAt[i] <= position,
      active: node, kind, selected: this.selected,
    });
    this.panel.update();
    if (this.page.training.isRunning) return; // read aloud and set in formulas when it rests
    const {title, words, lines} = this.steps.describe(position);
    if (this.title.textContent !== title) this.title.textContent = title;
    if (this.words.textContent !== words) this.words.textContent = words;
    this.lines.replaceChildren(...lines.map(mathematics));
  }

  moved() {
    const {node} = this.steps.list[this.player.position];
    if (this.page.network.parameters.includes(node)) this.page.show(node);
    this.page.diagram.mark(node);
    // A step is read aloud; what changes elsewhere says so itself.
    this.told.setAttribute("aria-live", "polite");
    this.draw();
    if (node !== null && this.player.position < this.steps.last) this.drawing.reveal(node);
  }

  select(node) {
    this.selected = node;
    this.panel.select(node);
    if (this.page.network.parameters.includes(node)) this.page.select(node);
    this.draw();
  }

  // A weight changes for all points; an input moves the chosen one, a target changes its class.
  change(leaf, value) {
    const {network} = this.page;
    if (network.parameters.includes(leaf)) return this.page.setParameter(leaf, value);
    const input = network.inputs.indexOf(leaf);
    if (input >= 0) return this.page.change({[input ? "y" : "x"]: value}, false);
    const target = network.targets.indexOf(leaf);
    if (target >= 0 && network.point) this.page.change({label: this.nearestClass(target, value)}, false);
    return undefined;
  }

  // The class whose target comes closest; of several, that of the point.
  nearestClass(target, value) {
    const {classes, point} = this.page.network;
    const distance = (k) => Math.abs(classes[k].targets[target] - value);
    return classes.reduce((best, _, k) => (distance(k) < distance(best) ? k : best), point.label);
  }

  reset(leaf) {
    const {network} = this.page;
    if (network.parameters.includes(leaf)) return this.page.setParameter(leaf, network.graph.nodes[leaf].data);
    if (network.point) this.page.change(network.point.home);
    return undefined;
  }
}
