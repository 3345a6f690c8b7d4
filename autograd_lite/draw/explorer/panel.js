// The panel of the selected node: its value, the terms of its gradient, its local derivatives; for a leaf
// the controls that change it.

const MOST_TERMS = 40;

class Panel {
  // `onSelect(node)` when another node is asked for, `onChange(leaf, value)`, `onReset(leaf)`.
  constructor(walk, {onSelect, onChange, onReset}) {
    Object.assign(this, {walk, graph: walk.graph, formulas: walk.formulas, onSelect, onChange, onReset});
    this.node = null;
    this.heading = element("h2", {}, "A node");
    this.body = element("div", {}, element("p", {class: "hint"}, HINT));
    this.controls = element("div", {class: "controls"});
    this.element = element(
      "section",
      {class: "panel", "aria-label": "Selected node"},
      this.heading,
      this.controls,
      this.body,
    );
  }

  select(box) {
    if (box.node === null) return this.selectStack(box);
    const {node} = box;
    this.node = node;
    const {role, symbol} = this.graph.nodes[node];
    this.heading.replaceChildren(
      this.formulas.name(node),
      " ",
      element("small", {}, symbol ? ROLES[role] : "constant"),
    );
    this.controls.replaceChildren(...(this.graph.isLeaf(node) ? this.leafControls() : []));
    return this.update();
  }

  selectStack({group, number, heads}) {
    this.node = null;
    this.heading.replaceChildren(group.name, " ", element("small", {}, `${heads.length} values`));
    const open = () => (this.walk.open(number), this.select(this.walk.selected));
    this.controls.replaceChildren(element("button", {type: "button", click: open}, "Open"));
    this.body.replaceChildren();
  }

  // A number field, a slider around the value, and the way back.
  leafControls() {
    const {node, graph} = this;
    const name = this.formulas.name(node);
    const reach = 2 * Math.max(1, Math.abs(graph.nodes[node].data));
    const middle = graph.nodes[node].data;
    this.field = element("input", {
      type: "number",
      step: "any",
      "aria-label": `Value of ${name}`,
      input: () => this.field.value !== "" && this.onChange(node, Number(this.field.value)),
      // What is no number gives way to the value in force.
      change: (event) => (event.target.value = graph.values[node]),
    });
    this.slider = element("input", {
      type: "range",
      step: "any",
      min: middle - reach,
      max: middle + reach,
      "aria-label": `Value of ${name}, slider`,
      input: () => this.onChange(node, Number(Number(this.slider.value).toPrecision(4))),
    });
    const reset = element("button", {type: "button", click: () => this.onReset(node)}, "Reset");
    return [this.field, this.slider, reset];
  }

  // Show the numbers of now.
  update() {
    const {node, graph, formulas} = this;
    if (node === null) return;
    if (graph.isLeaf(node)) {
      if (document.activeElement !== this.field || Number(this.field.value) !== graph.values[node]) {
        this.field.value = graph.values[node];
      }
      this.slider.value = graph.values[node];
    }
    const {boxes, view} = this.walk;
    const box = boxes.boxOf[node];
    // What the walk has not reached, or a student is asked for, is not told.
    if (!box || !view.hasValue(box)) {
      return void this.body.replaceChildren(element("p", {class: "hint"}, NOT_YET), this.neighbours());
    }
    const parts = [this.part("Value", ...formulas.valueOf(box))];
    if (graph.nodes[node].op !== "constant") parts.push(...this.gradientParts(box));
    if (!box.group) parts.push(...this.localDerivatives());
    this.body.replaceChildren(...parts, this.neighbours());
  }

  gradientParts(box) {
    const {boxes, steps, player, view} = this.walk;
    if (player.position < steps.gradientAt.get(box.key) || view.gradient(box) === null) {
      return [element("p", {class: "hint"}, GRADIENT_NOT_YET)];
    }
    const terms = boxes.terms(box);
    const words = `Gradient: ${this.uses(box, terms.length)}`;
    const part = this.part(words, ...this.formulas.gradient(box, terms));
    return terms.length > 1 ? [part, this.table(box, terms)] : [part];
  }

  localDerivatives() {
    const {node, graph, formulas} = this;
    const known = graph.nodes[node].parents.flatMap((p, k) => (graph.nodes[p].op === "constant" ? [] : [k]));
    if (!known.length) return [];
    return [
      this.part("Local derivatives", ...known.slice(0, MOST_TERMS).map((k) => formulas.partial(node, k))),
    ];
  }

  part(title, ...lines) {
    return element("div", {}, element("h3", {}, title), ...lines.map(mathematics));
  }

  uses(box, n) {
    if (box.node === this.graph.root) return "it is the root";
    return n === 1 ? "one use" : `the sum over ${n} uses`;
  }

  // The terms of the sum one by one.
  table(box, terms) {
    const {graph, formulas} = this;
    const root = formulas.name(graph.root);
    const heads = ["used by", `∂${root}/∂use`, "local", "product"];
    const row = ({user, adjoint, partial, product}) =>
      element(
        "tr",
        {},
        element("td", {}, user.node === null ? formulas.boxName(user) : this.link(user.node)),
        ...[adjoint, partial, product].map((x) => element("td", {}, Number.isNaN(x) ? "" : short(x))),
      );
    const rest = terms.length - MOST_TERMS;
    const table = element(
      "table",
      {"aria-label": "Terms of the gradient"},
      element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", {scope: "col"}, head)))),
      element(
        "tbody",
        {},
        ...terms.slice(0, MOST_TERMS).map(row),
        ...(rest > 0 ? [element("tr", {}, element("td", {colspan: 4}, `and ${rest} more`))] : []),
      ),
      element(
        "tfoot",
        {},
        element(
          "tr",
          {},
          element("td", {colspan: 3}, "sum"),
          element("td", {}, short(graph.gradients[box.node])),
        ),
      ),
    );
    return element("div", {class: "scrolled"}, table);
  }

  link(node) {
    const label = `Select ${this.formulas.name(node)}`;
    return element(
      "button",
      {type: "button", class: "link", "aria-label": label, click: () => this.onSelect(node)},
      this.formulas.name(node),
    );
  }

  neighbours() {
    const {node, graph} = this;
    const list = (title, nodes) => {
      const links = [...new Set(nodes)].slice(0, MOST_TERMS).map((i) => this.link(i));
      return links.length ? [element("span", {}, `${title} `, ...links)] : [];
    };
    const users = graph.uses[node].map(({user}) => user);
    return element(
      "p",
      {class: "neighbours"},
      ...list("made of", graph.nodes[node].parents),
      ...list("used by", users),
    );
  }
}

const HINT =
  "Select a node of the graph, by a click or with Tab and Enter. A leaf can be dragged sideways, or typed, to change its value.";
const NOT_YET = "Its value has not come yet in this walk.";
const GRADIENT_NOT_YET = "Its gradient has not come yet in this walk.";
const ROLES = {
  parameter: "parameter",
  input: "input",
  constant: "constant",
  interior: "interior node",
  cost: "root",
};
