// The diagram: neurons in columns with the chosen point's activations; weights as lines, orange and solid
// where positive, blue and dashed where negative, the wider the larger. A bias is the square at its neuron.

const RADIUS = 23;
const COLUMN = 150;
const ROW = 58;
const HANDLE = 26;

class Diagram {
  // `onSelect(parameter)` when a weight or bias is asked for.
  constructor(network, formulas, {onSelect}) {
    Object.assign(this, {network, formulas, onSelect});
    const {layers} = network;
    const tallest = Math.max(...layers.map((layer) => layer.length));
    this.height = Math.max(tallest, 3) * ROW + 40;
    this.right = 70;
    this.width = 2 * HANDLE + COLUMN * (layers.length - 1) + 2 * RADIUS + this.right;
    this.lines = new Map();
    this.neurons = new Map();
    this.svg = drawn("svg", {
      viewBox: `0 0 ${this.width} ${this.height}`,
      class: "diagram",
      role: "group",
      "aria-label": "Diagram of the network",
      keydown: (event) => this.onKey(event),
    });
    this.svg.style.maxHeight = `min(${this.height}px, max(52vh, ${tallest * 30}px))`;
    this.svg.append(...this.drawWeights(), ...this.drawNeurons());
    this.element = element("div", {class: "diagram-frame"}, this.svg);
  }

  centre(l, j) {
    const rows = this.network.layers[l].length;
    // A layer of few neurons stands wider apart.
    const apart = Math.min(1.7 * ROW, (this.height - 40) / rows);
    return [HANDLE + RADIUS + COLUMN * l, this.height / 2 + 12 + (j - (rows - 1) / 2) * apart];
  }

  drawWeights() {
    return this.network.weights.flatMap((rows, l) =>
      rows.flatMap((row, j) =>
        row.map((parameter, k) => {
          const [x1, y1] = this.centre(l, k);
          const [x2, y2] = this.centre(l + 1, j);
          const ends = {x1: x1 + RADIUS, y1, x2: x2 - RADIUS, y2};
          const group = this.handle(
            parameter,
            drawn("line", {class: "touch", ...ends}),
            drawn("line", {class: "weight", ...ends}),
          );
          this.lines.set(parameter, {group, line: group.lastChild});
          return group;
        }),
      ),
    );
  }

  handle(parameter, ...parts) {
    return drawn(
      "g",
      {
        class: "handle",
        role: "button",
        tabindex: -1,
        "aria-pressed": "false",
        "data-parameter": parameter,
        click: () => this.onSelect(parameter),
      },
      ...parts,
    );
  }

  drawNeurons() {
    const {layers, biases, features, classes, outputs} = this.network;
    return layers.flatMap((layer, l) => [
      caption(
        this.centre(l, 0)[0],
        18,
        "middle",
        l === 0 ? "input" : l === layers.length - 1 ? "output" : `layer ${l}`,
      ),
      ...layer.flatMap((node, j) => {
        const [x, y] = this.centre(l, j);
        const number = drawn("text", {x, y: y + 5.5, class: "activation"});
        const circle = drawn("circle", {class: "neuron", cx: x, cy: y, r: RADIUS});
        const title = drawn("title", {});
        this.neurons.set(node, {circle, number, title});
        const group = drawn("g", {}, circle, number, title);
        const parts = [group];
        const bias =
          l > 0 && biases[l - 1].length ? biases[l - 1][biases[l - 1].length === 1 ? 0 : j] : undefined;
        if (bias !== undefined) parts.push(this.drawBias(bias, x - RADIUS * 0.8, y + RADIUS * 0.8));
        if (l === 0) parts.push(caption(x, y - RADIUS - 4, "middle", features[j]));
        if (l === layers.length - 1 && outputs.length > 1)
          parts.push(caption(x + RADIUS + 7, y + 5, "start", shortened(classes[j].name)));
        return parts;
      }),
    ]);
  }

  drawBias(parameter, x, y) {
    const square = {x: x - 6, y: y - 6, width: 12, height: 12};
    const group = this.handle(parameter, drawn("rect", {class: "bias", ...square}));
    // A bias that a layer shares is drawn at each of its neurons.
    const known = this.lines.get(parameter);
    if (known) known.copies.push(group);
    else this.lines.set(parameter, {group, line: group.lastChild, copies: []});
    return group;
  }

  draw(selected) {
    const {sample, point} = this.network;
    const largest = Math.max(...this.network.parameters.map((p) => Math.abs(sample.values[p])), 1);
    for (const [parameter, {group, line, copies = []}] of this.lines) {
      const value = sample.values[parameter];
      for (const each of [group, ...copies]) {
        const shape = each.lastChild;
        shape.classList.toggle("negative", value < 0);
        if (shape === line && copies.length === 0 && shape.tagName === "line") {
          shape.style.strokeWidth = (0.6 + 6 * Math.sqrt(Math.abs(value) / largest)).toFixed(2);
        }
        each.setAttribute("aria-label", `${this.formulas.name(parameter)} = ${short(value)}`);
        each.setAttribute("aria-pressed", parameter === selected);
        each.setAttribute("tabindex", parameter === selected ? 0 : -1);
      }
    }
    for (const [node, {circle, number, title}] of this.neurons) {
      const value = sample.values[node];
      number.textContent = point ? brief(value) : "";
      const share = point && Number.isFinite(value) ? Math.round(60 * Math.tanh(Math.abs(value))) : 0;
      circle.style.setProperty("--amount", `${share}%`);
      circle.style.setProperty("--hue", `var(--${value < 0 ? "negative" : "positive"})`);
      title.textContent = `${this.formulas.name(node)} = ${short(value)}`;
    }
  }

  // Mark the neuron whose weighted input or activation the walk through the graph is at.
  mark(node) {
    const {nodes} = this.network.sample;
    for (const [a, {circle}] of this.neurons) {
      const {parents} = nodes[a];
      circle.classList.toggle("active", node === a || (parents.length === 1 && parents[0] === node));
    }
  }

  // Arrow keys go from one weight or bias to the next.
  onKey(event) {
    const {parameters} = this.network;
    const current = event.target.closest(".handle");
    if (!current) return;
    const step = {ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Enter: 0, " ": 0}[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const at = parameters.indexOf(Number(current.dataset.parameter)) + step;
    this.onSelect(parameters[(at + parameters.length) % parameters.length]);
    this.svg.querySelector('.handle[aria-pressed="true"]').focus();
  }
}

// A number that fits into a neuron.
function brief(x) {
  const size = Math.abs(x);
  return size < 99.5 ? x.toFixed(size < 9.995 ? 2 : 1).replace("-", "−") : short(x, 2);
}

function shortened(name) {
  return name.length > 10 ? `${name.slice(0, 9)}…` : name;
}
