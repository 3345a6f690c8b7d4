// The diagram: neurons in columns with the chosen point's activations; weights as lines, orange and solid
// where positive, blue and dashed where negative, the wider the larger. A bias is the square at its neuron.

const RADIUS = 25;
const ROW = 58;
const HANDLE = 26;
const TOP = 56;
const RIGHT = 70; // for the names of classes
// Of the usual size that a neuron has room for.
const MOST_LETTERS = 6;

class Diagram {
  // `onSelect(parameter)` when a weight or bias is asked for, `onNeuron([l, j])` or null when a neuron is.
  // `view` is the part of the plane that the pictures in the neurons show.
  constructor(network, formulas, view, {onSelect, onNeuron}) {
    Object.assign(this, {network, formulas, onSelect, onNeuron});
    const {layers} = network;
    const tallest = Math.max(...layers.map((layer) => layer.length));
    this.height = Math.max(tallest, 3) * ROW + TOP;
    this.column = clamp((0.8 * this.height) / (layers.length - 1), 105, 330);
    const right = layers.at(-1).length > 1 ? RIGHT : 0;
    this.width = 2 * HANDLE + this.column * (layers.length - 1) + 2 * RADIUS + right;
    this.widest = clamp(50 / tallest, 2.5, 6.5);
    this.handles = new Map();
    this.neurons = new Map();
    this.svg = drawn("svg", {
      viewBox: `0 0 ${this.width} ${this.height}`,
      class: "diagram",
      role: "group",
      "aria-label": "Diagram of the network",
      keydown: (event) => this.onKey(event),
    });
    this.svg.style.maxHeight = `min(${this.height}px, max(52vh, ${tallest * 36}px))`;
    this.svg.append(...this.drawWeights(), ...this.drawNeurons());
    const places = layers.flatMap((layer, l) => layer.map((_, j) => [...this.centre(l, j), RADIUS]));
    this.pictures = new NeuronPictures(network, view, places, [this.width, this.height]);
    const picture = element("div", {class: "diagram-picture"}, this.pictures.canvas, this.svg);
    this.element = element("div", {class: "diagram-frame"}, picture);
  }

  centre(l, j) {
    const rows = this.network.layers[l].length;
    // A layer of few neurons stands wider apart.
    const apart = Math.min(1.7 * ROW, (this.height - TOP) / rows);
    return [HANDLE + RADIUS + this.column * l, (this.height + TOP) / 2 - 6 + (j - (rows - 1) / 2) * apart];
  }

  drawWeights() {
    return this.network.weights.flatMap((rows, l) =>
      rows.flatMap((row, j) =>
        row.map((parameter, k) => {
          const [x1, y1] = this.centre(l, k);
          const [x2, y2] = this.centre(l + 1, j);
          const ends = {x1: x1 + RADIUS, y1, x2: x2 - RADIUS, y2};
          const touch = drawn("line", {class: "touch", ...ends});
          return this.handle(parameter, touch, drawn("line", {class: "weight", ...ends}));
        }),
      ),
    );
  }

  // What is clicked to select a weight or bias. A bias that a layer shares has one at each neuron.
  handle(parameter, ...parts) {
    const group = drawn(
      "g",
      {
        class: "handle",
        role: "button",
        "data-parameter": parameter,
        click: () => this.onSelect(parameter),
      },
      ...parts,
    );
    this.handles.set(parameter, [...(this.handles.get(parameter) ?? []), group]);
    return group;
  }

  drawNeurons() {
    return this.network.layers.flatMap((layer, l) => [
      ...this.columnTitle(l),
      ...layer.flatMap((_, j) => this.drawNeuron(l, j)),
    ]);
  }

  // What the layer is, and below it its activation.
  columnTitle(l) {
    const [x] = this.centre(l, 0);
    const last = this.network.layers.length - 1;
    const name = l === 0 ? "input" : l === last ? "output" : `layer ${l}`;
    return [caption(x, 16, "middle", name), caption(x, 33, "middle", shortened(this.network.activations[l]))];
  }

  drawNeuron(l, j) {
    const {layers, inputNames, classes, outputs} = this.network;
    const [x, y] = this.centre(l, j);
    const number = drawn("text", {x, y: y + 5.5, class: "activation"});
    const circle = drawn("circle", {class: "neuron", cx: x, cy: y, r: RADIUS});
    const title = drawn("title", {});
    this.neurons.set(layers[l][j], {circle, number, title});
    const isShown = () => circle.classList.contains("shown");
    const click = () => this.onNeuron(isShown() ? null : [l, j]);
    const parts = [drawn("g", {class: "neuron-button", click}, circle, number, title)];
    if (l === 0) return [...parts, caption(x, y - RADIUS - 4, "middle", inputNames[j])];
    const biases = this.network.biases[l - 1];
    if (biases.length) {
      const square = {x: x - 0.8 * RADIUS - 6, y: y + 0.8 * RADIUS - 6, width: 12, height: 12};
      const bias = biases[biases.length === 1 ? 0 : j];
      parts.push(this.handle(bias, drawn("rect", {class: "bias", ...square})));
    }
    if (l === layers.length - 1 && outputs.length > 1) {
      parts.push(caption(x + RADIUS + 7, y + 5, "start", shortened(classes[j].name)));
    }
    return parts;
  }

  draw(selected) {
    this.drawHandles(selected);
    const {sample, point, settings} = this.network;
    this.svg.classList.toggle("with-pictures", settings.pictures);
    this.pictures.draw();
    for (const [node, {circle, number, title}] of this.neurons) {
      const value = sample.values[node];
      number.textContent = point ? brief(value) : "";
      number.classList.toggle("long", number.textContent.length > MOST_LETTERS);
      const share = point && Number.isFinite(value) ? Math.round(60 * Math.tanh(Math.abs(value))) : 0;
      circle.style.setProperty("--amount", `${share}%`);
      circle.style.setProperty("--hue", `var(--${value < 0 ? "negative" : "positive"})`);
      title.textContent = `${this.formulas.name(node)} = ${short(value)}`;
    }
  }

  drawHandles(selected) {
    const {values} = this.network.sample;
    const largest = Math.max(...this.network.parameters.map((p) => Math.abs(values[p])), 1);
    for (const [parameter, groups] of this.handles) {
      const value = values[parameter];
      const width = 0.5 + this.widest * Math.sqrt(Math.abs(value) / largest);
      for (const group of groups) {
        const mark = group.lastChild;
        mark.classList.toggle("negative", value < 0);
        if (mark.tagName === "line") mark.style.strokeWidth = width.toFixed(2);
        group.setAttribute("aria-label", `${this.formulas.name(parameter)} = ${short(value)}`);
        group.setAttribute("aria-pressed", parameter === selected);
        group.setAttribute("tabindex", parameter === selected ? 0 : -1);
      }
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

  // Mark the neuron whose activation the plane shows, if it shows one.
  markShown(node) {
    for (const [a, {circle}] of this.neurons) circle.classList.toggle("shown", a === node);
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

// A number that fits into a neuron: three digits, from 1000 on one and a power of ten.
function brief(x) {
  const size = Math.abs(x);
  if (Number.isNaN(x)) return "?";
  if (size >= 999.5) return short(x, 1);
  const text = x.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
  return Number(text) === 0 ? "0.00" : text.replace("-", "−");
}

function shortened(name) {
  return name.length > 10 ? `${name.slice(0, 9)}…` : name;
}
