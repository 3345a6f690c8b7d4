// A box as it is drawn: its frame, what makes it, its numbers; a closed layer as cells in the colours of its values.

const CIRCLE = 16;
const LETTER_OF_SIGN = 9;
const MOST_CELLS = 64;

class Shape {
  // `onFocus()` when a key leads to it.
  constructor(box, graph, formulas, onFocus) {
    Object.assign(this, {box, graph, formulas});
    this.parts = {};
    this.shown = {};
    this.group = this.draw(onFocus);
    this.moveTo(box);
  }

  // The box may be another of the same key, elsewhere.
  moveTo(box) {
    this.box = box;
    this.group.setAttribute("transform", `translate(${box.x} ${box.y})`);
  }

  draw(onFocus) {
    const {box, parts} = this;
    const {width, height, node} = box;
    const role = node === null ? "stack" : this.graph.nodes[node].role;
    const sign = this.sign;
    const left = sign === null ? 0 : CIRCLE;
    const middle = ((sign === null ? 0 : widthOfSign(sign)) + width) / 2;
    const line = (dy, style) => drawn("text", {x: middle, y: dy, class: style});
    const group = drawn("g", {
      class: `node ${role}`,
      tabindex: -1,
      role: "button",
      "aria-pressed": "false",
      ...(node === null ? {} : {"data-node": node}),
      "data-box": box.key,
      focus: () => group.matches(":focus-visible") && onFocus(),
    });
    const frame = {x: left, y: 0, width: width - left, height};
    const round = {parameter: 2, input: height / 2, constant: 4, interior: 8, cost: 8, stack: 8}[role];
    if (box.canOpen) group.append(drawn("rect", {class: "behind", ...frame, x: left + 5, y: -5, rx: round}));
    group.append(drawn("rect", {class: "box", ...frame, rx: round}));
    if (role === "cost") {
      const inside = {x: left + 4, y: 4, width: frame.width - 8, height: height - 8};
      group.append(drawn("rect", {class: "inner", ...inside, rx: 5}));
    }
    if (node === null) {
      parts.name = line(24, "name");
      parts.name.textContent = box.group.name;
      parts.value = line(height - 12, "gradient");
      parts.cells = [0, 1].map((row) => this.drawCells(frame, row));
    } else if (this.graph.nodes[node].symbol) {
      parts.name = line(23, "name");
      parts.value = line(45, "value");
      parts.gradient = line(66, "gradient");
      parts.name.textContent = this.graph.nodes[node].symbol.text;
    } else {
      parts.value = line(height / 2 + 6, "value");
    }
    // Read in this order they are the name of the button; the blanks keep them apart.
    const texts = [parts.name, parts.value, parts.gradient].filter(Boolean);
    group.append(...texts.flatMap((part) => [part, " "]), ...(parts.cells ?? []).flat());
    if (sign !== null) group.append(...drawOperation(height / 2, sign));
    if (box.canOpen) group.append(this.openButton());
    return group;
  }

  // The sign of what makes a box: of several steps, that of the last that does something.
  get sign() {
    const {node, group} = this.box;
    if (node === null) return null;
    const {nodes} = this.graph;
    if (!nodes[node].parents.length) return null;
    if (group?.kind === "cost") return "cost";
    if (group?.kind === "step") return "step";
    if (group?.kind === "neuron")
      return nodes[node].parents.length === 1 ? this.formulas.rule(node).sign : "Σ";
    if (group?.kind !== "identity") return this.formulas.rule(node).sign;
    return this.formulas.rule(group.members.find((i) => nodes[i].parents.length)).sign;
  }

  drawCells({x, width}, row) {
    const shown = Math.min(this.box.heads.length, MOST_CELLS);
    const cell = (width - 16) / shown;
    return Array.from({length: shown}, (_, k) =>
      drawn("rect", {
        class: "cell",
        x: x + 8 + k * cell,
        y: 34 + 20 * row,
        width: Math.max(cell - 1, 1),
        height: 16,
      }),
    );
  }

  openButton() {
    const {width, number, group} = this.box;
    const button = drawn(
      "g",
      {class: "opens", "data-opens": number, "aria-hidden": "true"},
      drawn("circle", {cx: width - 3, cy: 2, r: 12}),
      drawn("text", {x: width - 3, y: 8}),
    );
    button.lastChild.textContent = "+";
    button.append(drawn("title", {}, `Open ${group.name}`));
    return button;
  }

  // What the box is, beside what stands in it.
  get kind() {
    const {node, group, canOpen} = this.box;
    if (node === null) return "closed group";
    return canOpen ? `${group.name}, closed` : this.graph.nodes[node].role;
  }

  // Show what a view knows of the box, the colours by the steepest gradient. Only what changes is touched.
  update(view, steepest, isFocused) {
    const {box, group, parts, shown, graph} = this;
    const known = view.hasValue(box);
    const gradient = view.gradient(box);
    const state = {
      ...numbersOf(box, view, graph),
      isActive: view.active === box,
      isSelected: view.selected === box,
      isNear: view.near.has(box),
      tabindex: isFocused ? 0 : -1,
      description: `${this.kind}${known ? "" : ", value not yet computed"}`,
    };
    if (box.node === null) {
      this.updateCells(known, gradient !== null, steepest);
    } else {
      state.amount = amountOf(gradient, steepest);
      state.sign = gradient < 0 ? "negative" : "positive";
    }
    if (shown.value !== state.value) parts.value.textContent = state.value;
    if (parts.gradient && shown.gradient !== state.gradient) parts.gradient.textContent = state.gradient;
    if (shown.description !== state.description) group.setAttribute("aria-description", state.description);
    if (shown.amount !== state.amount) group.style.setProperty("--amount", state.amount);
    if (shown.sign !== state.sign) group.style.setProperty("--hue", `var(--${state.sign})`);
    if (shown.isActive !== state.isActive) group.classList.toggle("active", state.isActive);
    if (shown.isNear !== state.isNear) group.classList.toggle("near", state.isNear);
    if (shown.isSelected !== state.isSelected) group.setAttribute("aria-pressed", state.isSelected);
    if (shown.tabindex !== state.tabindex) group.setAttribute("tabindex", state.tabindex);
    Object.assign(shown, state);
  }

  updateCells(hasValue, hasGradient, steepest) {
    const {heads} = this.box;
    const {cells} = this.parts;
    const {values, gradients} = this.graph;
    const largest = Math.max(...heads.map((i) => Math.abs(values[i])).filter(Number.isFinite), 1);
    cells[0].forEach((cell, k) => paint(cell, hasValue ? values[heads[k]] / largest : 0));
    cells[1].forEach((cell, k) => paint(cell, hasGradient ? gradients[heads[k]] / steepest : 0));
  }
}

// The numbers of a box as far as a view knows them; of a closed layer, how many there are.
function numbersOf(box, view, graph) {
  const isStack = box.node === null;
  const gradient = view.gradient(box);
  const value = isStack ? `${box.heads.length} values` : short(graph.values[box.node]);
  return {
    value: view.hasValue(box) ? value : "…",
    gradient: gradient === null ? "" : isStack ? `${box.heads.length} gradients` : `∂ ${short(gradient)}`,
  };
}

// How much of its colour a gradient has, beside the steepest of all.
function amountOf(gradient, steepest) {
  const isShown = gradient !== null && Number.isFinite(gradient) && steepest;
  return `${Math.round(isShown ? 60 * Math.sqrt(Math.min(Math.abs(gradient) / steepest, 1)) : 0)}%`;
}

function paint(cell, share) {
  const amount = Number.isFinite(share) ? Math.round(70 * Math.sqrt(Math.min(Math.abs(share), 1))) : 0;
  cell.style.fill = `color-mix(in srgb, var(--${share < 0 ? "negative" : "positive"}) ${amount}%, var(--node))`;
}

// A sign in a circle, or in as much as a word needs, where the edges arrive.
function drawOperation(cy, sign) {
  const width = widthOfSign(sign);
  const text = drawn("text", {class: "sign", x: width / 2, y: cy + 6});
  text.textContent = shortSign(sign);
  const frame = {x: 0, y: cy - CIRCLE, width, height: 2 * CIRCLE, rx: CIRCLE};
  return [drawn("rect", {class: "operation", ...frame}), text];
}

function widthOfSign(sign) {
  const {length} = shortSign(sign);
  return length > 2 ? LETTER_OF_SIGN * length + 10 : 2 * CIRCLE;
}

function shortSign(sign) {
  return sign.length > 5 ? `${sign.slice(0, 4)}…` : sign;
}
