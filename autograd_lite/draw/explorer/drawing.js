// The picture of the graph: nodes and edges where Graphviz put them, colours by gradient, zoom and pan.

const READABLE_SCALE = 0.6;
const LARGEST_SCALE = 4;
const CIRCLE = 13;
// Beyond so many edges at a node the local derivatives would cover each other.
const MOST_EDGE_LABELS = 6;

class Drawing {
  // `layout` is {width, height, nodes: [[x, y, width, height], or null for one that is not drawn], edges: [[from, to, position, path]]};
  // `onSelect(node)` and `onScrub(leaf, value)` tell what the reader does.
  constructor(graph, formulas, layout, {onSelect, onScrub}) {
    Object.assign(this, {graph, formulas, layout, onSelect, onScrub});
    this.edges = layout.edges.map((edge) => this.drawEdge(edge));
    this.nodes = layout.nodes.map((box, i) => box && this.drawNode(box, i));
    this.labels = drawn("g", {class: "edge-labels", "aria-hidden": "true"});
    this.plane = drawn(
      "g",
      {},
      drawn("g", {"aria-hidden": "true"}, ...this.edges.map(({path}) => path)),
      ...this.nodes.flatMap((node) => node?.group ?? []),
      this.labels,
    );
    this.svg = drawn("svg", {class: "graph", role: "group", "aria-label": "Computation graph"}, ARROW(), this.plane);
    this.element = element("div", {class: "drawing"}, this.svg, this.zoomButtons());
    this.pointers = new Map();
    this.isFitted = true;
    this.listen();
  }

  drawEdge([from, to, position, d]) {
    return {from, to, position, style: "edge", path: drawn("path", {class: "edge", d, "marker-end": "url(#arrow)"})};
  }

  drawNode([x, y, width, height], i) {
    const node = this.graph.nodes[i];
    const hasOperation = node.parents.length > 0;
    const left = hasOperation ? x + CIRCLE : x;
    const middle = (left + x + width) / 2;
    const line = (dy, style) => drawn("text", {x: middle, y: y + dy, class: style});
    const parts = {};
    const group = drawn("g", {
      class: `node ${node.role}`, tabindex: 0, role: "button", "aria-pressed": "false", "data-node": i,
      keydown: (event) => (event.key === "Enter" || event.key === " ") && (event.preventDefault(), this.onSelect(i)),
      focus: () => group.matches(":focus-visible") && this.reveal(i),
    });
    const box = {x: left, y, width: width - (left - x), height};
    const round = {parameter: 2, input: height / 2, constant: 4, interior: 8, cost: 8}[node.role];
    group.append(drawn("rect", {class: "box", ...box, rx: round}));
    if (node.role === "cost") {
      group.append(drawn("rect", {class: "inner", x: left + 4, y: y + 4, width: box.width - 8, height: height - 8, rx: 5}));
    }
    if (node.symbol) {
      parts.name = line(20, "name");
      parts.value = line(38, "value");
      parts.gradient = line(55, "gradient");
      parts.name.textContent = node.symbol.text;
    } else {
      parts.value = line(height / 2 + 5, "value");
    }
    group.append(...Object.values(parts));
    if (hasOperation) group.append(...this.drawOperation(left, y + height / 2, this.formulas.rule(i).sign));
    return {group, parts, shown: {}, centre: [x + width / 2, y + height / 2]};
  }

  drawOperation(cx, cy, sign) {
    const small = sign.length > 2 ? " long" : "";
    const text = drawn("text", {class: `sign${small}`, x: cx, y: cy + (small ? 3 : 5)});
    text.textContent = sign.length > 5 ? `${sign.slice(0, 4)}…` : sign;
    return [drawn("circle", {class: "operation", cx, cy, r: CIRCLE}), text];
  }

  // Show the numbers of the graph; `view` is {hasValue(i), hasGradient(i), active, kind, selected}.
  update(view) {
    const {values, gradients, nodes} = this.graph;
    const steepest = Math.max(...gradients.filter((g, i) => nodes[i].symbol && Number.isFinite(g)).map(Math.abs));
    this.nodes.forEach((node, i) => {
      if (!node) return;
      const {group, parts, shown} = node;
      const value = view.hasValue(i) ? short(values[i]) : "…";
      const gradient = view.hasGradient(i) ? short(gradients[i]) : "";
      const share = gradient && Number.isFinite(gradients[i]) && steepest ? Math.sqrt(Math.abs(gradients[i]) / steepest) : 0;
      const state = {
        value, gradient,
        amount: `${Math.round(share * 60)}%`,
        sign: gradients[i] < 0 ? "negative" : "positive",
        isActive: view.active === i,
        isSelected: view.selected === i,
      };
      this.updateNode(group, parts, shown, state, i);
    });
    this.updateEdges(view);
  }

  // Touch only what changes: a graph may have hundreds of nodes.
  updateNode(group, parts, shown, state, i) {
    if (shown.value !== state.value) parts.value.textContent = state.value;
    if (parts.gradient && shown.gradient !== state.gradient) {
      parts.gradient.textContent = state.gradient && `∂ ${state.gradient}`;
    }
    if (shown.value !== state.value || shown.gradient !== state.gradient) {
      group.setAttribute("aria-label", this.spoken(i, state));
    }
    if (shown.amount !== state.amount) group.style.setProperty("--amount", state.amount);
    if (shown.sign !== state.sign) group.style.setProperty("--hue", `var(--${state.sign})`);
    if (shown.isActive !== state.isActive) group.classList.toggle("active", state.isActive);
    if (shown.isSelected !== state.isSelected) group.setAttribute("aria-pressed", state.isSelected);
    Object.assign(shown, state);
  }

  spoken(i, {value, gradient}) {
    const {role, symbol} = this.graph.nodes[i];
    const known = value === "…" ? "value not yet computed" : `value ${value}`;
    if (!symbol) return `constant, ${known}`;
    return `${symbol.text}, ${role}, ${known}${gradient && `, gradient ${gradient}`}`;
  }

  updateEdges({active, kind, selected, hasValue, hasGradient}) {
    const marked = [];
    for (const edge of this.edges) {
      const {from, to, path} = edge;
      const isFlow = kind === "value" ? to === active : kind === "gradient" && from === active;
      const isSelected = selected !== null && (to === selected || from === selected);
      const style = `edge${isFlow ? ` flow ${kind}` : ""}${isSelected ? " chosen" : ""}`;
      if (edge.style !== style) path.setAttribute("class", style);
      edge.style = style;
      const isKnown = hasValue(to) && hasGradient(to);
      if ((isFlow && kind === "gradient") || (isSelected && isKnown)) marked.push(edge);
    }
    this.labels.replaceChildren(...(marked.length <= MOST_EDGE_LABELS ? marked.map((e) => this.edgeLabel(e)) : []));
  }

  edgeLabel({from, to, position, path}) {
    const text = this.graph.nodes[from].op === "constant" ? "" : `×${short(this.graph.partials[to][position])}`;
    const {x, y} = this.freePlace(path, text.length * 4.2, [from, to]);
    const label = drawn("text", {x, y: y + 4, class: "edge-label"});
    label.textContent = text;
    return label;
  }

  // The point of a path, near its middle if possible, where a text of half this width covers no node at its ends.
  freePlace(path, halfWidth, ends) {
    const boxes = ends.map((i) => this.layout.nodes[i]);
    const isFree = ({x, y}) =>
      boxes.every(([left, top, w, h]) =>
        x + halfWidth < left || x - halfWidth > left + w || y + 10 < top || y - 10 > top + h);
    const length = path.getTotalLength();
    const points = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74].map((share) => path.getPointAtLength(share * length));
    return points.find(isFree) ?? points[0];
  }

  // --- zoom and pan ---------------------------------------------------------------------------------------

  zoomButtons() {
    const button = (text, label, click) => element("button", {type: "button", "aria-label": label, title: label, click}, text);
    return element(
      "div",
      {class: "zoom", role: "group", "aria-label": "Zoom"},
      button("+", "Zoom in", () => this.zoomAtCentre(1.3)),
      button("−", "Zoom out", () => this.zoomAtCentre(1 / 1.3)),
      button("⤢", "Fit the whole graph", () => this.fit(0)),
    );
  }

  get size() {
    const {width, height} = this.svg.getBoundingClientRect();
    return [width || 1, height || 1];
  }

  // Show the whole graph, or, where it would be too small to read, its end, where the root is.
  fit(smallest = READABLE_SCALE) {
    const {width, height} = this.layout;
    const room = this.element.clientWidth || 1;
    const scale = Math.min(Math.max(room / width, Math.min(smallest, 1)), 1.6);
    const tallest = window.innerHeight * 0.5;
    this.svg.style.height = `${Math.max(170, Math.min(height * scale, tallest))}px`;
    const [w, h] = this.size;
    this.scale = Math.min(scale, Math.max(h / height, Math.min(smallest, scale)));
    const [, y] = this.nodes[this.graph.root].centre;
    this.x = Math.min((w - width * this.scale) / 2, w - width * this.scale);
    if (width * this.scale <= w) this.x = (w - width * this.scale) / 2;
    this.y = height * this.scale <= h ? (h - height * this.scale) / 2 : clamp(h / 2 - y * this.scale, h - height * this.scale, 0);
    this.isFitted = true;
    this.place();
  }

  place() {
    this.plane.setAttribute("transform", `translate(${this.x} ${this.y}) scale(${this.scale})`);
  }

  zoomAtCentre(factor) {
    const [w, h] = this.size;
    this.zoom(factor, w / 2, h / 2);
  }

  zoom(factor, x, y) {
    const scale = clamp(this.scale * factor, 0.03, LARGEST_SCALE);
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.isFitted = false;
    this.place();
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.isFitted = false;
    this.place();
  }

  // Move the picture only if node i is not to be seen in it.
  reveal(i) {
    if (!this.layout.nodes[i]) return;
    const [w, h] = this.size;
    const [x, y, width, height] = this.layout.nodes[i].map((length) => length * this.scale);
    const into = (offset, start, extent, room) =>
      offset + start < 8 ? 24 - start : offset + start + extent > room - 8 ? room - 24 - extent - start : offset;
    this.x = into(this.x, x, width, w);
    this.y = into(this.y, y, height, h);
    this.place();
  }

  // --- mouse and touch ------------------------------------------------------------------------------------

  listen() {
    this.svg.addEventListener("wheel", (event) => this.onWheel(event), {passive: false});
    this.svg.addEventListener("pointerdown", (event) => this.onDown(event));
    this.svg.addEventListener("pointermove", (event) => this.onMove(event));
    this.svg.addEventListener("pointerup", (event) => this.onUp(event));
    this.svg.addEventListener("pointercancel", (event) => this.pointers.delete(event.pointerId));
    new ResizeObserver(() => this.isFitted && this.fit()).observe(this.element);
  }

  onWheel(event) {
    event.preventDefault();
    const {left, top} = this.svg.getBoundingClientRect();
    this.zoom(2 ** (-event.deltaY / 300), event.clientX - left, event.clientY - top);
  }

  onDown(event) {
    if (event.button) return;
    const group = event.target.closest(".node");
    const node = group && Number(group.dataset.node);
    const value = group ? this.graph.values[node] : 0;
    this.pointers.set(event.pointerId, {
      x: event.clientX, y: event.clientY, startX: event.clientX, node, value, hasMoved: false,
      // A leaf's value changes by one in the third digit for every pixel.
      unit: group && this.graph.isLeaf(node) ? 10 ** (Math.floor(Math.log10(Math.max(Math.abs(value), 1))) - 2) : 0,
    });
    this.svg.setPointerCapture(event.pointerId);
  }

  onMove(event) {
    const pointer = this.pointers.get(event.pointerId);
    if (!pointer) return;
    const [dx, dy] = [event.clientX - pointer.x, event.clientY - pointer.y];
    if (!pointer.hasMoved && Math.hypot(dx, dy) < 4) return;
    pointer.hasMoved = true;
    if (this.pointers.size === 2) this.pinch(event, pointer, dx, dy);
    else if (pointer.unit) this.scrub(event, pointer);
    else this.pan(dx, dy);
    [pointer.x, pointer.y] = [event.clientX, event.clientY];
  }

  scrub(event, {node, value, unit, startX}) {
    const steps = Math.round(value / unit) + Math.round(event.clientX - startX);
    this.onScrub(node, Number((steps * unit).toPrecision(12)));
  }

  pinch(event, pointer, dx, dy) {
    const other = [...this.pointers.values()].find((p) => p !== pointer);
    const {left, top} = this.svg.getBoundingClientRect();
    const before = Math.hypot(pointer.x - other.x, pointer.y - other.y);
    const after = Math.hypot(event.clientX - other.x, event.clientY - other.y);
    this.pan(dx / 2, dy / 2);
    if (before) this.zoom(after / before, (event.clientX + other.x) / 2 - left, (event.clientY + other.y) / 2 - top);
  }

  onUp(event) {
    const pointer = this.pointers.get(event.pointerId);
    this.pointers.delete(event.pointerId);
    if (pointer && !pointer.hasMoved && pointer.node !== null) this.onSelect(pointer.node);
  }
}

const ARROW = () =>
  drawn(
    "defs",
    {},
    drawn(
      "marker",
      {id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 11, markerHeight: 11, markerUnits: "userSpaceOnUse", orient: "auto"},
      drawn("path", {d: "M0 0.5L8 4L0 7.5z", class: "arrow"}),
    ),
  );

function clamp(x, least, most) {
  return Math.min(Math.max(x, least), most);
}
