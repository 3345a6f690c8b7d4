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
    this.panel = new Panel(sample, formulas, {
      onSelect: select,
      onChange: change,
      onReset: (leaf) => this.reset(leaf),
    });
    const {last} = this.steps; // where all numbers are there
    this.player = new Player(last, last, () => this.moved());
    this.selected = null;
    this.remembered = null; // what undo goes back to for the drag or the typing of now
    this.title = element("h3", {});
    this.words = element("p", {});
    this.lines = element("div", {class: "lines"});
    this.told = element("div", {}, this.title, this.words);
    const telling = element("section", {class: "telling", "aria-label": "This step"}, this.told, this.lines);
    this.player.element.append(element("label", {class: "choice"}, this.showsWeights, "weights and biases"));
    this.element = section(
      "sample-section",
      "Graph of the chosen point",
      this.player.element,
      this.folded.element,
      legend(this.folded.viewport.buttons),
      element("div", {class: "columns"}, telling, this.panel.element),
    );
    const begin = () => (this.remembered = null);
    for (const start of ["pointerdown", "focusin"]) this.element.addEventListener(start, begin, true);
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
    this.drawing.update({...this.steps.shownAt(position), selected: this.selected});
    this.panel.update();
    if (this.page.training.isRunning) return; // read aloud and set in formulas when it rests
    const {title, words, lines} = this.steps.describe(position);
    say(this.title, title);
    say(this.words, words);
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
    if (input >= 0) return this.changePoint({[input ? "y" : "x"]: value});
    const target = network.targets.indexOf(leaf);
    if (target >= 0 && network.point) this.changePoint({label: this.nearestClass(target, value)});
    return undefined;
  }

  // Undo takes back a whole drag, or all that is typed into a field.
  changePoint(changes) {
    const {network} = this.page;
    const isOther = Object.keys(changes).some((key) => changes[key] !== network.point?.[key]);
    if (network.point && isOther && network.undoable.at(-1) !== this.remembered) {
      network.remember();
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
    if (network.parameters.includes(leaf))
      return this.page.setParameter(leaf, network.graph.nodes[leaf].data);
    if (network.point) this.page.change(network.point.home);
    return undefined;
  }
}
