// The explorer of one graph: the walk on the left, what is said about it on the right, on one screen.

class Explorer {
  // `data` is {nodes, groups, formulas, notation, layout}; `rules` the JavaScript of the rule book's rows.
  constructor(container, data, rules) {
    this.graph = new Graph(data.nodes, rules);
    this.formulas = new Formulas(this.graph, data.formulas, data.notation);
    const change = (leaf, value) => this.change([[leaf, value]]);
    this.walk = new Walk(this.graph, this.formulas, data, {
      onSelect: (box) => this.selectBox(box),
      onScrub: (leaf, value) => (this.walk.selected?.node !== leaf && this.select(leaf), change(leaf, value)),
      onMoved: () => (this.panel?.update(), this.practice?.update()),
      rate: () => this.descent.alpha,
    });
    this.panel = new Panel(this.walk, {
      onSelect: (node) => this.select(node),
      onChange: change,
      onReset: (leaf) => this.reset(leaf),
    });
    this.descent = new Descent(this.graph, this.formulas, {
      onStep: () => (
        this.walk.player.pause(),
        this.walk.player.go(this.walk.steps.last),
        this.changes.update()
      ),
      onReset: () => this.reset(),
      onRate: () => this.walk.tell(),
    });
    this.changes = new Changes(this.graph, this.formulas, (changes) => this.change(changes));
    this.practice = new Practice([
      new Predict(this.walk),
      new Fault(this.walk, () => this.refresh()),
      new PathsOf(this.walk),
      new Nudge(this.walk),
      new Modes(this.walk),
    ]);
    container.classList.add("explorer");
    const sections = [this.panel, this.descent, this.changes, this.practice];
    container.append(...stage(this.walk, ...sections.map((section) => section.element)));
    if (this.graph.nodes.length > MOST_OPERATIONS)
      this.walk.setDetail(this.walk.boxes.details.at(1) ?? "operations");
    this.walk.drawing.viewport.fit();
    this.refresh();
  }

  get player() {
    return this.walk.player;
  }

  get steps() {
    return this.walk.steps;
  }

  get selected() {
    return this.walk.selected?.node ?? null;
  }

  get drawing() {
    return this.walk.drawing;
  }

  // Show the numbers of now at the step of now.
  refresh() {
    this.walk.refresh();
    this.walk.tell();
    this.panel.update();
    this.practice.update();
    this.changes.update();
  }

  selectBox(box) {
    this.walk.selected = box;
    this.panel.select(box);
    this.walk.refresh();
    this.practice.update();
  }

  select(node) {
    if (!this.walk.boxes.boxOf[node]) this.walk.uncover(node);
    this.selectBox(this.walk.boxes.boxOf[node]);
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

// Larger graphs are shown by neurons at first.
const MOST_OPERATIONS = 60;

// The player, the drawing, and beside it, or in a sheet below it, what is told.
function stage(walk, ...sections) {
  const side = element("div", {class: "side"}, walk.telling.element, ...sections, new Showing(walk).element);
  return [
    walk.player.element,
    element(
      "div",
      {class: "stage"},
      walk.drawing.element,
      element("div", {class: "below"}, element("div", {}, walk.tools, legend()), walk.drawing.map.element),
    ),
    new Sheet(side).element,
  ];
}

function legend() {
  const shape = (role, text) => element("span", {}, element("i", {class: `shape ${role}`}), text);
  return element(
    "div",
    {class: "legend"},
    shape("parameter", "parameter"),
    shape("input", "input"),
    shape("constant", "constant"),
    shape("interior", "interior node"),
    shape("cost", "root"),
    element("span", {}, "gradient ∂: −", element("i", {class: "scale"}), "+"),
    element("span", {}, KEYS),
  );
}

const KEYS = "space plays, ← and → step, with Shift by layers, Ctrl and the wheel zoom";

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
