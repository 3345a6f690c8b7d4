// The graph of the chosen point, node by node, as on the page of a single graph. Its many weights and biases
// are shown on demand.

class SampleGraph {
  // `before` is that of the network before: a level of detail that was chosen there stays.
  constructor(page, data, before) {
    const {network, formulas} = page;
    this.page = page;
    const change = (leaf, value) => this.change(leaf, value);
    this.walk = new Walk(network.sample, formulas, data, {
      onSelect: (box) => this.selectBox(box),
      onScrub: (leaf, value) => (this.walk.selected?.node !== leaf && this.select(leaf), change(leaf, value)),
      onMoved: (step) => this.moved(step),
    });
    this.panel = new Panel(this.walk, {
      onSelect: (node) => this.select(node),
      onChange: change,
      onReset: (leaf) => this.reset(leaf),
    });
    this.remembered = null; // what undo goes back to for the drag or the typing of now
    const frame = element("div", {class: "explorer"}, ...stage(this.walk, this.panel.element));
    this.element = section("sample", "Graph of the chosen point", [], frame);
    const begin = () => (this.remembered = null);
    for (const start of ["pointerdown", "focusin"]) this.element.addEventListener(start, begin, true);
    const {details} = this.walk.boxes;
    this.usual = (data.nodes.length > MOST_OPERATIONS && details.at(1)) || "operations";
    const detail = before?.walk.detail.value;
    const isChosen = details.includes(detail) && detail !== before.usual;
    this.walk.setDetail(isChosen ? detail : this.usual);
    this.walk.setParameters(before?.walk.showsParameters.checked ?? false);
    // It starts at its start; made anew it goes on where it was, if there is such a step.
    const {last} = this.walk.steps;
    const was = before?.walk.player ?? {position: 0};
    const isAtEnd = was.position === was.last;
    this.walk.player.go(isAtEnd ? last : was.last === last ? was.position : 0);
  }

  draw() {
    this.walk.refresh();
    this.panel.update();
    // Read aloud and set in formulas when it rests.
    if (!this.page.training?.isRunning) this.walk.tell();
  }

  moved({node}) {
    this.panel?.update();
    if (!this.page.sampleGraph) return;
    if (this.page.network.parameters.includes(node)) this.page.show(node);
    this.page.diagram.mark(node);
    this.page.weightEditor.drawGradients();
    // A step is read aloud; what changes elsewhere says so itself.
    this.walk.telling.told.setAttribute("aria-live", "polite");
  }

  // Whether the walk has come to the gradient of a parameter; one that is not shown has its own with all that
  // use it.
  hasGradient(parameter) {
    const {boxes, steps, player} = this.walk;
    const {boxOf, graph} = boxes;
    const shown = boxOf[parameter] ? [parameter] : graph.uses[parameter].map(({user}) => user);
    return shown.every((node) => steps.gradientAt.get(boxOf[node].key) <= player.position);
  }

  selectBox(box) {
    this.walk.selected = box;
    this.panel.select(box);
    if (this.page.network.parameters.includes(box.node)) this.page.select(box.node);
    this.draw();
  }

  select(node) {
    if (!this.walk.boxes.boxOf[node]) this.walk.uncover(node);
    this.selectBox(this.walk.boxes.boxOf[node]);
  }

  // A weight changes for all points; an input moves the chosen one, a target changes its class.
  change(leaf, value) {
    const {network} = this.page;
    if (network.parameters.includes(leaf)) return this.page.setParameter(leaf, value);
    const input = network.settings.features[network.inputs.indexOf(leaf)];
    if (["x", "y"].includes(input)) return this.changePoint({[input]: value});
    const target = network.targets.indexOf(leaf);
    if (target >= 0 && network.point)
      this.changePoint(network.isRegression ? {target: value} : {label: this.nearestClass(target, value)});
    return undefined;
  }

  // Undo takes back a whole drag, or all that is typed into a field.
  changePoint(changes) {
    const {network} = this.page;
    const isOther = Object.keys(changes).some((key) => changes[key] !== network.point?.[key]);
    if (network.point && isOther && network.undoable.at(-1) !== this.remembered) {
      network.rememberPoints();
      this.remembered = network.undoable.at(-1);
    }
    this.page.change(changes, false);
  }

  // The class whose target comes closest; of several, that of the point.
  nearestClass(target, value) {
    const {classes, point} = this.page.network;
    const distance = (k) => Math.abs(classes[k].targets[target] - value);
    return classes.reduce((best, _, k) => (distance(k) < distance(best) ? k : best), point.label);
  }

  reset(leaf) {
    const {network} = this.page;
    if (network.parameters.includes(leaf)) return this.page.setParameter(leaf, network.homeOf(leaf));
    if (network.point) this.page.change(network.point.home);
    return undefined;
  }
}
