// The explorer of one graph: drawing, steps, panel and descent, kept in step with each other.

class Explorer {
  // `data` is {nodes, formulas, notation, layout}; `rules` the JavaScript of the rule book's rows.
  constructor(container, data, rules) {
    this.graph = new Graph(data.nodes, rules);
    this.formulas = new Formulas(this.graph, data.formulas, data.notation);
    this.steps = new Steps(this.graph, this.formulas);
    this.selected = null;
    const select = (node) => this.select(node);
    const change = (leaf, value) => this.change([[leaf, value]]);
    this.drawing = new Drawing(this.graph, this.formulas, data.layout, {
      onSelect: select,
      onScrub: (leaf, value) => (this.selected !== leaf && this.select(leaf), change(leaf, value)),
    });
    this.panel = new Panel(this.graph, this.formulas, {
      onSelect: select,
      onChange: change,
      onReset: (leaf) => this.reset(leaf),
    });
    this.descent = new Descent(this.graph, this.formulas, {
      onStep: () => (this.player.pause(), this.player.go(this.steps.last)),
      onReset: () => this.reset(),
    });
    this.player = new Player(0, this.steps.last, () => this.moved());
    this.title = element("h2", {});
    this.words = element("p", {});
    this.lines = element("div", {class: "lines"});
    const telling = element(
      "section",
      {class: "telling", "aria-label": "This step"},
      element("div", {"aria-live": "polite"}, this.title, this.words),
      this.lines,
    );
    container.append(
      this.player.element,
      this.drawing.element,
      legend(this.drawing.viewport.buttons),
      element("div", {class: "columns"}, telling, this.panel.element, this.descent.element),
      element("p", {class: "hint"}, KEYS),
    );
    this.drawing.viewport.fromLeft = true; // where the first values are
    this.drawing.viewport.fit();
    this.refresh();
  }

  // Show the numbers of now at the step of now.
  refresh() {
    const {position} = this.player;
    this.drawing.update({...this.steps.shownAt(position), selected: this.selected});
    this.panel.update();
    this.tell(this.steps.describe(position));
  }

  tell({title, words, lines}) {
    say(this.title, title);
    say(this.words, words);
    this.lines.replaceChildren(...lines.map(mathematics));
  }

  moved() {
    this.refresh();
    const {node} = this.steps.list[this.player.position];
    if (node !== null && this.player.position < this.steps.last) this.drawing.reveal(node);
  }

  select(node) {
    this.selected = node;
    this.panel.select(node);
    this.refresh();
  }

  // Give leaves new values, as a list of [node, value]: the cost's history begins anew.
  change(changes) {
    this.graph.set(changes);
    this.descent.restart();
    this.refresh();
  }

  reset(leaf = null) {
    this.graph.reset(leaf);
    this.descent.restart();
    this.refresh();
  }
}

const KEYS =
  "Keys: space plays and pauses, ← and → step, Home and End jump, Tab reaches the nodes, Enter selects one. " +
  "Wheel or two fingers zoom.";

function legend(zoomButtons) {
  const shape = (role, text) => element("span", {}, element("i", {class: `shape ${role}`}), text);
  return element(
    "div",
    {class: "legend"},
    shape("parameter", "parameter"),
    shape("input", "input"),
    shape("constant", "constant"),
    shape("interior", "interior node"),
    shape("cost", "root"),
    element("span", {}, "gradient ∂ ", element("i", {class: "scale"}), " negative … 0 … positive"),
    zoomButtons,
  );
}

// The button that changes between light and dark.
function themeButton() {
  const isDark = () =>
    (document.documentElement.style.colorScheme ||
      (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const button = element("button", {
    type: "button",
    class: "theme",
    click: () => ((document.documentElement.style.colorScheme = isDark() ? "light" : "dark"), show()),
  });
  const show = () => (button.textContent = isDark() ? "Light colours" : "Dark colours");
  show();
  return button;
}
