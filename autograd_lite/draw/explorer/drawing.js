// The picture of the graph: boxes and edges in their places, with numbers and colours of now.

const CIRCLE = 16;
const LETTER_OF_SIGN = 9;
// Beyond so many edges at a box the local derivatives would cover each other.
const MOST_EDGE_LABELS = 6;
const ARROW_LENGTH = 11;
const MOST_CELLS = 64;

class Drawing {
  // `boxes` says what is shown; `onSelect(box)`, `onOpen(group)`, `onClose(group)` and `onScrub(leaf, value)`
  // tell what the reader does.
  constructor(graph, formulas, boxes, actions) {
    Object.assign(this, {graph, formulas, boxes, ...actions});
    this.shapes = new Map(); // by the keys of boxes, made when first seen
    this.lines = drawn("path", {class: "edges"});
    this.arrows = drawn("path", {class: "arrows"});
    this.marked = drawn("g", {});
    this.path = drawn("path", {class: "edge path"});
    this.nodes = drawn("g", {});
    this.labels = drawn("g", {class: "edge-labels", "aria-hidden": "true"});
    const hidden = drawn("g", {"aria-hidden": "true"}, this.lines, this.arrows, this.marked, this.path);
    const plane = drawn("g", {}, hidden, this.nodes, this.labels);
    this.svg = drawn(
      "svg",
      {
        class: "graph",
        role: "application",
        "aria-label": "Computation graph",
        "aria-description":
          "Arrow keys go from node to node, space or Enter selects, O opens and closes a group.",
        keydown: (event) => this.onKey(event),
        dblclick: (event) => this.toggle(this.boxAt(event.target)),
      },
      plane,
    );
    this.docks = ["left", "right"].map((side) => element("div", {class: `dock ${side}`}));
    this.element = element("div", {class: "drawing"}, this.svg, ...this.docks);
    this.viewport = new Viewport(this.svg, plane, {
      onTap: (target) => this.tapped(target),
      grab: (target) => this.grab(target),
      onMove: () => this.showSeen(),
    });
    this.map = new Overview(this.viewport, boxes);
    this.element.append(this.map.element);
    this.view = null;
    this.focused = null;
    this.rearrange();
  }

  // The boxes have changed: other ones, in other places.
  rearrange() {
    const {boxes} = this;
    this.viewport.setSize(boxes.size);
    this.markPath([]);
    const there = new Set(boxes.list.map(({key}) => key));
    for (const [key, shape] of this.shapes) {
      if (there.has(key)) continue;
      shape.group.remove();
      this.shapes.delete(key);
    }
    for (const edge of boxes.edges) edge.area = areaOf(edge.path);
    for (const box of boxes.list) {
      const shape = this.shapes.get(box.key);
      if (shape) place(shape.group, box);
    }
    if (!boxes.list.some(({key}) => key === this.focused)) this.focused = boxes.list[0].key;
    if (this.view) this.update(this.view);
  }

  // The shape of a box, drawn when it is first seen.
  shapeOf(box) {
    if (!this.shapes.has(box.key)) {
      const shape = this.draw(box);
      this.shapes.set(box.key, shape);
      this.nodes.append(shape.group);
    }
    return this.shapes.get(box.key);
  }

  draw(box) {
    const {width, height, node} = box;
    const role = node === null ? "stack" : this.graph.nodes[node].role;
    const sign = this.signOf(box);
    const left = sign === null ? 0 : CIRCLE;
    const middle = ((sign === null ? 0 : widthOfSign(sign)) + width) / 2;
    const line = (dy, style) => drawn("text", {x: middle, y: dy, class: style});
    const group = drawn("g", {
      class: `node ${role}`,
      tabindex: box.key === this.focused ? 0 : -1,
      role: "button",
      "aria-pressed": "false",
      ...(node === null ? {} : {"data-node": node}),
      "data-box": box.key,
      focus: () => group.matches(":focus-visible") && this.reveal(box),
    });
    const frame = {x: left, y: 0, width: width - left, height};
    const round = {parameter: 2, input: height / 2, constant: 4, interior: 8, cost: 8, stack: 8}[role];
    if (box.canOpen) group.append(drawn("rect", {class: "behind", ...frame, x: left + 5, y: -5, rx: round}));
    group.append(drawn("rect", {class: "box", ...frame, rx: round}));
    if (role === "cost") {
      const inside = {x: left + 4, y: 4, width: frame.width - 8, height: height - 8};
      group.append(drawn("rect", {class: "inner", ...inside, rx: 5}));
    }
    const parts = {};
    if (node === null) {
      parts.name = line(24, "name");
      parts.name.textContent = box.group.name;
      parts.value = line(height - 12, "gradient");
      parts.cells = [0, 1].map((row) => this.drawCells(box, frame, row));
    } else if (this.graph.nodes[node].symbol) {
      parts.name = line(23, "name");
      parts.value = line(45, "value");
      parts.gradient = line(66, "gradient");
      parts.name.textContent = this.graph.nodes[node].symbol.text;
    } else {
      parts.value = line(height / 2 + 6, "value");
    }
    // The blanks keep words apart for what reads them as text.
    const texts = [parts.name, parts.value, parts.gradient].filter(Boolean);
    group.append(...texts.flatMap((part) => [part, " "]), ...(parts.cells ?? []).flat());
    if (sign !== null) group.append(...drawOperation(height / 2, sign));
    if (box.canOpen) group.append(...this.openButton(box, width));
    place(group, box);
    return {group, parts, shown: {}};
  }

  // The sign of what makes a box: of several steps, that of the last that does something.
  signOf({node, group}) {
    if (node === null) return null;
    const {nodes} = this.graph;
    if (!nodes[node].parents.length) return null;
    if (group?.kind === "cost") return "cost";
    if (group?.kind === "neuron")
      return nodes[node].parents.length === 1 ? this.formulas.rule(node).sign : "Σ";
    if (group?.kind !== "identity") return this.formulas.rule(node).sign;
    return this.formulas.rule(group.members.find((i) => nodes[i].parents.length)).sign;
  }

  drawCells({heads}, {x, width}, row) {
    const shown = Math.min(heads.length, MOST_CELLS);
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

  openButton(box, width) {
    const button = drawn(
      "g",
      {class: "opens", "data-opens": box.number},
      drawn("circle", {cx: width - 3, cy: 2, r: 12}),
      drawn("text", {x: width - 3, y: 8}),
    );
    button.lastChild.textContent = "+";
    button.append(drawn("title", {}, `Open ${box.group.name}`));
    return [button];
  }

  // --- numbers ----------------------------------------------------------------------------------------

  // Show the numbers of the graph; `view` is {hasValue(box), gradient(box), active, kind, term, selected}.
  update(view) {
    this.view = view;
    const {gradients, nodes} = this.graph;
    this.steepest = Math.max(
      ...gradients.filter((g, i) => nodes[i].symbol && Number.isFinite(g)).map(Math.abs),
    );
    this.showSeen();
    this.updateEdges();
    this.map.draw(view);
  }

  // Of a large graph only what lies in the window is drawn and kept up to date.
  showSeen() {
    if (!this.view) return;
    const seen = this.viewport.seen;
    for (const box of this.boxes.list) {
      const isSeen = box.key === this.focused || meets(box, seen);
      if (isSeen) this.updateBox(box);
      const shape = this.shapes.get(box.key);
      if (shape && shape.isSeen !== isSeen) shape.group.style.display = isSeen ? "" : "none";
      if (shape) shape.isSeen = isSeen;
    }
    const edges = this.boxes.edges.filter(({area}) => meets(area, seen));
    this.lines.setAttribute("d", edges.map(({path}) => curveOf(path)).join(""));
    this.arrows.setAttribute("d", edges.map(({path}) => arrowOf(path)).join(""));
    this.dock();
    this.map.frame();
  }

  // Touch only what changes: a graph may have hundreds of nodes.
  updateBox(box) {
    const {group, parts, shown} = this.shapeOf(box);
    const {view, graph} = this;
    const known = view.hasValue(box);
    const state = {
      isActive: view.active === box,
      isSelected: view.selected === box,
      isNear: view.near.has(box),
      tabindex: box.key === this.focused ? 0 : -1,
    };
    if (box.node === null) {
      this.updateCells(box, parts, known, view.gradient(box) !== null);
      const {heads} = box;
      state.value = known ? `${heads.length} values` : "…";
      state.gradient = "";
    } else {
      const gradient = view.gradient(box);
      state.value = known ? short(graph.values[box.node]) : "…";
      state.gradient = gradient === null ? "" : short(gradient);
      state.amount = this.amount(gradient);
      state.sign = gradient < 0 ? "negative" : "positive";
    }
    if (shown.value !== state.value) parts.value.textContent = state.value;
    if (parts.gradient && shown.gradient !== state.gradient) {
      parts.gradient.textContent = state.gradient && `∂ ${state.gradient}`;
    }
    if (shown.value !== state.value || shown.gradient !== state.gradient) {
      group.setAttribute("aria-label", this.spoken(box, state));
    }
    if (shown.amount !== state.amount) group.style.setProperty("--amount", state.amount);
    if (shown.sign !== state.sign) group.style.setProperty("--hue", `var(--${state.sign})`);
    if (shown.isActive !== state.isActive) group.classList.toggle("active", state.isActive);
    if (shown.isNear !== state.isNear) group.classList.toggle("near", state.isNear);
    if (shown.isSelected !== state.isSelected) group.setAttribute("aria-pressed", state.isSelected);
    if (shown.tabindex !== state.tabindex) group.setAttribute("tabindex", state.tabindex);
    Object.assign(shown, state);
  }

  amount(gradient) {
    const isShown = gradient !== null && Number.isFinite(gradient) && this.steepest;
    return `${Math.round(isShown ? 60 * Math.sqrt(Math.min(Math.abs(gradient) / this.steepest, 1)) : 0)}%`;
  }

  updateCells({heads}, {cells}, hasValue, hasGradient) {
    const {values, gradients} = this.graph;
    const largest = Math.max(...heads.map((i) => Math.abs(values[i])).filter(Number.isFinite), 1);
    cells[0].forEach((cell, k) => paint(cell, hasValue ? values[heads[k]] / largest : 0));
    cells[1].forEach((cell, k) => paint(cell, hasGradient ? gradients[heads[k]] / this.steepest : 0));
  }

  // What can be seen, in its order: who speaks to the browser says what they see.
  spoken(box, {value, gradient}) {
    const {node, group} = box;
    if (node === null) return `${group.name}, ${value === "…" ? "not yet computed" : value}; closed group`;
    const {role, symbol} = this.graph.nodes[node];
    const sign = shortened(this.signOf(box) ?? "");
    const seen = [symbol?.text, value, gradient && symbol && `∂ ${gradient}`, sign]
      .filter(Boolean)
      .join(", ");
    const what = box.canOpen ? `${group.name}, closed` : role;
    return `${seen}; ${what}${value === "…" ? ", value not yet computed" : ""}`;
  }

  updateEdges() {
    const {active, kind, term, selected, hasValue, gradient} = this.view;
    const marks = [];
    const labelled = [];
    for (const edge of this.boxes.edges) {
      const isFlow = kind === "value" ? edge.to === active : edge.from === active && active !== null;
      const isSelected = selected && (edge.to === selected || edge.from === selected);
      if (!isFlow && !isSelected) continue;
      const isNow = isFlow && (!term || term.edge === edge);
      const style = isNow ? `flow ${kind === "value" ? "value" : "gradient"}` : "chosen";
      marks.push(
        drawn("path", {class: `edge ${style}`, d: curveOf(edge.path)}),
        drawn("path", {class: `edge-arrow ${style}`, d: arrowOf(edge.path)}),
      );
      const isKnown = hasValue(edge.to) && gradient(edge.to) !== null;
      if ((isFlow && kind !== "value") || (isSelected && isKnown)) labelled.push(edge);
    }
    this.marked.replaceChildren(...marks);
    this.labels.replaceChildren();
    if (labelled.length > MOST_EDGE_LABELS) return;
    const taken = [];
    labelled.forEach((edge) => this.labels.append(...this.edgeLabel(edge, taken)));
  }

  edgeLabel(edge, taken) {
    const {from} = edge;
    const partial = this.boxes.partial(edge);
    if (Number.isNaN(partial) || (from.node !== null && this.graph.nodes[from.node].op === "constant"))
      return [];
    const text = `×\u2009${short(partial)}`;
    const {x, y} = freePlace(edge.path, text.length * 5, this.boxes.list, taken);
    const label = drawn("text", {x, y: y + 5, class: "edge-label"});
    label.textContent = text;
    return [label];
  }

  // Mark the edges of a path.
  markPath(edges) {
    this.path.setAttribute("d", edges.map(({path}) => curveOf(path)).join(""));
  }

  // --- the view ---------------------------------------------------------------------------------------

  reveal(box) {
    this.viewport.follow([box]);
  }

  // What the step is about and does not fit into the window stands at its sides.
  dock() {
    const {view, viewport} = this;
    const seen = viewport.seen;
    const out = [...view.near].filter((box) => box !== view.active && !isWithin(box, seen));
    const sides = [
      out.filter((box) => view.active && box.at < view.active.at),
      out.filter((box) => view.active && box.at > view.active.at),
    ];
    const most = Math.max(Math.floor(viewport.room[1] / DOCKED_HEIGHT) - 1, 1);
    sides.forEach((boxes, k) => {
      const key = boxes.map((box) => box.key + this.briefly(box)).join();
      if (this.docks[k].dataset.key === key) return;
      this.docks[k].dataset.key = key;
      const shown = boxes.slice(0, boxes.length > most ? most - 1 : most);
      const rest = boxes.length - shown.length;
      this.docks[k].replaceChildren(
        ...shown.map((box) =>
          element(
            "button",
            {type: "button", tabindex: -1, click: () => this.onSelect(box)},
            this.briefly(box),
          ),
        ),
        ...(rest ? [element("span", {}, `and ${rest} more`)] : []),
      );
    });
  }

  briefly(box) {
    const {view, graph} = this;
    const name = this.formulas.boxName(box);
    if (box.node === null) return name;
    const value = view.hasValue(box) ? short(graph.values[box.node]) : "…";
    const gradient = view.kind !== "value" ? view.gradient(box) : null;
    if (!graph.nodes[box.node].symbol) return value;
    return gradient === null ? `${name} = ${value}` : `${name}: ∂ ${short(gradient)}`;
  }

  // --- mouse, touch and keys --------------------------------------------------------------------------

  // The box that a part of the picture belongs to, or null.
  boxAt(target) {
    const key = target.closest(".node")?.dataset.box;
    return this.boxes.list.find((box) => box.key === key) ?? null;
  }

  tapped(target) {
    const opens = target.closest(".opens");
    if (opens) return this.onOpen(Number(opens.dataset.opens));
    const box = this.boxAt(target);
    if (!box) return undefined;
    this.focus(box, false);
    return this.onSelect(box);
  }

  // Open a closed group, or close the smallest around a node.
  toggle(box) {
    if (!box) return;
    if (box.canOpen) return void this.onOpen(box.number);
    const [group] = box.node === null ? [] : this.boxes.closable(box.node);
    if (group !== undefined) this.onClose(group);
  }

  focus(box, isByKey = true) {
    this.focused = box.key;
    this.showSeen();
    const {group} = this.shapeOf(box);
    if (isByKey) this.reveal(box);
    group.focus({preventScroll: true});
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const box = this.boxAt(event.target);
    if (!box) return;
    const move = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
    const act = {
      " ": () => this.onSelect(box),
      Enter: () => this.onSelect(box),
      o: () => this.toggle(box),
      O: () => this.toggle(box),
    }[event.key];
    if (!move && !act) return;
    event.preventDefault();
    event.stopPropagation();
    if (act) act();
    else this.focus(nearest(box, move, this.boxes.list));
  }

  // What changes a leaf while it is dragged sideways: by 0.01 for every pixel, or by one in its third digit if
  // it is larger than 10 or smaller than 0.01. Where the drag began it has its value again.
  grab(target) {
    const leaf = this.boxAt(target)?.node ?? null;
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

const DOCKED_HEIGHT = 34;

function place(group, {x, y}) {
  group.setAttribute("transform", `translate(${x} ${y})`);
}

function paint(cell, share) {
  const amount = Number.isFinite(share) ? Math.round(70 * Math.sqrt(Math.min(Math.abs(share), 1))) : 0;
  cell.style.fill = `color-mix(in srgb, var(--${share < 0 ? "negative" : "positive"}) ${amount}%, var(--node))`;
}

// A sign in a circle, or in as much as a word needs, where the edges arrive.
function drawOperation(cy, sign) {
  const width = widthOfSign(sign);
  const text = drawn("text", {class: "sign", x: width / 2, y: cy + 6});
  text.textContent = shortened(sign);
  const frame = {x: 0, y: cy - CIRCLE, width, height: 2 * CIRCLE, rx: CIRCLE};
  return [drawn("rect", {class: "operation", ...frame}), text];
}

function widthOfSign(sign) {
  const {length} = shortened(sign);
  return length > 2 ? LETTER_OF_SIGN * length + 10 : 2 * CIRCLE;
}

function curveOf([x, y, ...points]) {
  return `M${x} ${y}C${points.join(" ")}`;
}

// A triangle at the end of an edge, which arrives level.
function arrowOf(path) {
  const [x, y] = path.slice(-2);
  return `M${x} ${y}l${-ARROW_LENGTH} -4.5v9z`;
}

// What a curve lies within: between its points.
function areaOf(path) {
  const [xs, ys] = [0, 1].map((k) => path.filter((_, i) => i % 2 === k));
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return {x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y};
}

function meets({x, y, width, height}, [left, top, right, bottom]) {
  return x < right && x + width > left && y < bottom && y + height > top;
}

function isWithin({x, y, width, height}, [left, top, right, bottom]) {
  return x >= left - 1 && x + width <= right + 1 && y >= top - 1 && y + height <= bottom + 1;
}

// The point at a path, near its middle if possible, where a text of half this width covers neither boxes nor
// what is taken.
function freePlace(path, halfWidth, boxes, taken) {
  const isFree = ({x, y}) => {
    const area = [x - halfWidth, y - 11, x + halfWidth, y + 11];
    return ![...boxes, ...taken].some((box) => meets(box, area));
  };
  const points = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74].flatMap((share) => {
    const {x, y} = pointAt(path, share);
    return [0, -12, 12, -24, 24].map((dy) => ({x, y: y + dy}));
  });
  const place = points.find(isFree) ?? points[0];
  taken.push({x: place.x - halfWidth, y: place.y - 11, width: 2 * halfWidth, height: 22});
  return place;
}

// A point of a path of Bézier curves, at a share of them.
function pointAt(path, share) {
  const curves = (path.length - 2) / 6;
  const k = Math.min(Math.floor(share * curves), curves - 1);
  const t = share * curves - k;
  const [x0, y0, x1, y1, x2, y2, x3, y3] = path.slice(6 * k, 6 * k + 8);
  const mix = (a, b, c, d) =>
    a * (1 - t) ** 3 + 3 * b * t * (1 - t) ** 2 + 3 * c * t ** 2 * (1 - t) + d * t ** 3;
  return {x: mix(x0, x1, x2, x3), y: mix(y0, y1, y2, y3)};
}

// The box that an arrow key leads to: the closest of those on that side.
function nearest(from, [dx, dy], boxes) {
  const centre = ({x, y, width, height}) => [x + width / 2, y + height / 2];
  const [x, y] = centre(from);
  let [best, least] = [from, Infinity];
  for (const box of boxes) {
    const [bx, by] = centre(box);
    const along = (bx - x) * dx + (by - y) * dy;
    const aside = Math.abs((bx - x) * dy) + Math.abs((by - y) * dx);
    if (along <= 1 || (dx && Math.abs(bx - x) < 20)) continue;
    const distance = along + (dx ? aside / 2 : 3 * aside);
    if (distance < least) [best, least] = [box, distance];
  }
  return best;
}

function shortened(sign) {
  return sign.length > 5 ? `${sign.slice(0, 4)}…` : sign;
}
