// The picture of the graph: boxes and edges in their places, with numbers and colours of now.

// Beyond so many edges at a box the local derivatives would cover each other.
const MOST_EDGE_LABELS = 6;

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
    this.dock = new Dock(graph, formulas, (box) => this.onSelect(box));
    this.element = element("div", {class: "drawing"}, this.svg, ...this.dock.sides);
    this.viewport = new Viewport(this.svg, plane, {
      onTap: (target) => this.tapped(target),
      grab: (target) => this.grab(target),
      onMove: () => this.showSeen(),
    });
    this.map = new Overview(this.viewport, boxes);
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
    for (const box of boxes.list) this.shapes.get(box.key)?.moveTo(box);
    if (!boxes.list.some(({key}) => key === this.focused)) this.focused = boxes.list[0].key;
    if (this.view) this.update(this.view);
  }

  // The shape of a box, drawn when it is first seen.
  shapeOf(box) {
    if (!this.shapes.has(box.key)) {
      const shape = new Shape(box, this.graph, this.formulas, () => this.reveal(shape.box));
      this.shapes.set(box.key, shape);
      this.nodes.append(shape.group);
    }
    return this.shapes.get(box.key);
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
      if (isSeen) this.shapeOf(box).update(this.view, this.steepest, box.key === this.focused);
      const shape = this.shapes.get(box.key);
      if (shape && shape.isSeen !== isSeen) shape.group.style.display = isSeen ? "" : "none";
      if (shape) shape.isSeen = isSeen;
    }
    const edges = this.boxes.edges.filter(({area}) => meets(area, seen));
    this.lines.setAttribute("d", edges.map(({path}) => curveOf(path)).join(""));
    this.arrows.setAttribute("d", edges.map(({path}) => arrowOf(path)).join(""));
    this.dock.show(this.view, seen, this.viewport.room);
    this.map.frame();
  }

  updateEdges() {
    const {active, kind, term, selected, hasValue, gradient} = this.view;
    const marks = [];
    const labelled = [];
    for (const edge of this.boxes.edges) {
      const isFlow = kind === "value" ? edge.to === active : edge.from === active && active !== null;
      const isSelected = selected && (edge.to === selected || edge.from === selected);
      if (!isFlow && !isSelected) continue;
      const isNow = isFlow && (!term || term === edge);
      const style = isNow ? "flow" : "chosen";
      // Drawn from the active box on, to which they flow, so that dashes agree where lines run together.
      const path = isNow && kind === "value" ? reversed(edge.path) : edge.path;
      marks.push(
        drawn("path", {class: `edge ${style}`, d: curveOf(path)}),
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
    const halfWidth = text.length * 5;
    const isOutgoing = [this.view.active, this.view.selected].includes(from);
    const places = edge.isJoined ? [placeAtEnd(edge.path, isOutgoing, halfWidth)] : placesAlong(edge.path);
    const {x, y} = freePlace(places, halfWidth, this.boxes.list, taken);
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
