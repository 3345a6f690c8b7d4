// The picture of the graph: nodes and edges in their places, with numbers and colours of now.

const CIRCLE = 13;
// Beyond so many edges at a node the local derivatives would cover each other.
const MOST_EDGE_LABELS = 6;

class Drawing {
  // `layout` is {width, height, nodes: [[x, y, width, height], or null for one that is not drawn],
  // edges: [[from, to, position, path]]};
  // `onSelect(node)` and `onScrub(leaf, value)` tell what the reader does.
  constructor(graph, formulas, layout, {onSelect, onScrub}) {
    Object.assign(this, {graph, formulas, layout, onSelect, onScrub});
    this.edges = layout.edges.map((edge) => this.drawEdge(edge));
    this.nodes = layout.nodes.map((box, i) => box && this.drawNode(box, i));
    this.labels = drawn("g", {class: "edge-labels", "aria-hidden": "true"});
    const plane = drawn(
      "g",
      {},
      drawn("g", {"aria-hidden": "true"}, ...this.edges.map(({path}) => path)),
      ...this.nodes.flatMap((node) => node?.group ?? []),
      this.labels,
    );
    const svg = drawn(
      "svg",
      {class: "graph", role: "group", "aria-label": "Computation graph"},
      ARROW(),
      plane,
    );
    this.element = element("div", {class: "drawing"}, svg);
    const [, top, , height] = layout.nodes[graph.root];
    this.viewport = new Viewport(svg, plane, [layout.width, layout.height], top + height / 2, {
      onTap: (target) => this.nodeAt(target) !== null && onSelect(this.nodeAt(target)),
      grab: (target) => this.grab(target),
    });
  }

  drawEdge([from, to, position, d]) {
    return {
      from,
      to,
      position,
      style: "edge",
      path: drawn("path", {class: "edge", d, "marker-end": "url(#arrow)"}),
    };
  }

  drawNode([x, y, width, height], i) {
    const node = this.graph.nodes[i];
    const hasOperation = node.parents.length > 0;
    const left = hasOperation ? x + CIRCLE : x;
    const middle = (left + (hasOperation ? CIRCLE : 0) + x + width) / 2;
    const line = (dy, style) => drawn("text", {x: middle, y: y + dy, class: style});
    const parts = {};
    const group = drawn("g", {
      class: `node ${node.role}`,
      tabindex: 0,
      role: "button",
      "aria-pressed": "false",
      "data-node": i,
      keydown: (event) => event.key === "Enter" && this.onSelect(i),
      focus: () => group.matches(":focus-visible") && this.reveal(i),
    });
    const box = {x: left, y, width: width - (left - x), height};
    const round = {parameter: 2, input: height / 2, constant: 4, interior: 8, cost: 8}[node.role];
    group.append(drawn("rect", {class: "box", ...box, rx: round}));
    if (node.role === "cost") {
      group.append(
        drawn("rect", {
          class: "inner",
          x: left + 4,
          y: y + 4,
          width: box.width - 8,
          height: height - 8,
          rx: 5,
        }),
      );
    }
    if (node.symbol) {
      parts.name = line(20, "name");
      parts.value = line(38, "value");
      parts.gradient = line(55, "gradient");
      parts.name.textContent = node.symbol.text;
    } else {
      parts.value = line(height / 2 + 5, "value");
    }
    // The blanks keep words apart for what reads them as text.
    group.append(...Object.values(parts).flatMap((part) => [part, " "]));
    if (hasOperation) group.append(...this.drawOperation(left, y + height / 2, this.formulas.rule(i).sign));
    return {group, parts, shown: {}};
  }

  drawOperation(cx, cy, sign) {
    const small = sign.length > 2 ? " long" : "";
    const text = drawn("text", {class: `sign${small}`, x: cx, y: cy + (small ? 3 : 5)});
    text.textContent = shortened(sign);
    return [drawn("circle", {class: "operation", cx, cy, r: CIRCLE}), text];
  }

  // Show the numbers of the graph; `view` is {hasValue(i), hasGradient(i), active, kind, selected}.
  update(view) {
    const {values, gradients, nodes} = this.graph;
    const steepest = Math.max(
      ...gradients.filter((g, i) => nodes[i].symbol && Number.isFinite(g)).map(Math.abs),
    );
    this.nodes.forEach((node, i) => {
      if (!node) return;
      const {group, parts, shown} = node;
      const value = view.hasValue(i) ? short(values[i]) : "…";
      const gradient = view.hasGradient(i) ? short(gradients[i]) : "";
      const share =
        gradient && Number.isFinite(gradients[i]) && steepest
          ? Math.sqrt(Math.abs(gradients[i]) / steepest)
          : 0;
      const state = {
        value,
        gradient,
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

  // What can be seen, in its order: who speaks to the browser says what they see.
  spoken(i, {value, gradient}) {
    const {role, symbol, parents} = this.graph.nodes[i];
    const sign = parents.length ? shortened(this.formulas.rule(i).sign) : "";
    const seen = [symbol?.text, value, gradient && symbol && `∂ ${gradient}`, sign].filter(Boolean).join(", ");
    return `${seen}; ${role}${value === "…" ? ", value not yet computed" : ""}`;
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
    this.labels.replaceChildren();
    if (marked.length > MOST_EDGE_LABELS) return;
    const taken = [];
    marked.forEach((edge) => this.labels.append(this.edgeLabel(edge, taken)));
  }

  edgeLabel({from, to, position, path}, taken) {
    const text =
      this.graph.nodes[from].op === "constant" ? "" : `×\u2009${short(this.graph.partials[to][position])}`;
    const {x, y} = this.freePlace(path, text.length * 4.2, [from, to], taken);
    const label = drawn("text", {x, y: y + 4, class: "edge-label"});
    label.textContent = text;
    return label;
  }

  // The point at a path, near its middle if possible, where a text of half this width covers neither the
  // nodes at its ends nor what is taken.
  freePlace(path, halfWidth, ends, taken) {
    const boxes = [...ends.map((i) => this.layout.nodes[i]), ...taken];
    const isFree = ({x, y}) =>
      boxes.every(
        ([left, top, w, h]) =>
          x + halfWidth < left || x - halfWidth > left + w || y + 9 < top || y - 9 > top + h,
      );
    const length = path.getTotalLength();
    const points = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74].flatMap((share) => {
      const {x, y} = path.getPointAtLength(share * length);
      return [0, -10, 10].map((dy) => ({x, y: y + dy}));
    });
    const place = points.find(isFree) ?? points[0];
    taken.push([place.x - halfWidth, place.y - 9, 2 * halfWidth, 18]);
    return place;
  }

  reveal(i) {
    if (this.layout.nodes[i]) this.viewport.reveal(this.layout.nodes[i]);
  }

  // The node that a part of the picture belongs to, or null.
  nodeAt(target) {
    const group = target.closest(".node");
    return group && Number(group.dataset.node);
  }

  // What changes a leaf while it is dragged sideways: by 0.01 for every pixel, or by one in its third digit if
  // it is larger than 10 or smaller than 0.01. Where the drag began it has its value again.
  grab(target) {
    const leaf = this.nodeAt(target);
    if (leaf === null || !this.graph.isLeaf(leaf)) return null;
    const value = this.graph.values[leaf];
    const size = Math.abs(value);
    const magnitude = size > 0 && size < 0.01 ? size : Math.max(size, 1);
    const unit = Math.max(10 ** (Math.floor(Math.log10(magnitude)) - 2), Number.MIN_VALUE);
    const start = Math.round(value / unit);
    const moved = (dx) => Number(((start + dx) * unit).toPrecision(12));
    return (dx) => this.onScrub(leaf, Math.round(dx) ? moved(Math.round(dx)) : value);
  }
}

const ARROW = () =>
  drawn(
    "defs",
    {},
    drawn(
      "marker",
      {
        id: "arrow",
        viewBox: "0 0 8 8",
        refX: 7,
        refY: 4,
        markerWidth: 11,
        markerHeight: 11,
        markerUnits: "userSpaceOnUse",
        orient: "auto",
      },
      drawn("path", {d: "M0 0.5L8 4L0 7.5z", class: "arrow"}),
    ),
  );

function shortened(sign) {
  return sign.length > 5 ? `${sign.slice(0, 4)}…` : sign;
}
