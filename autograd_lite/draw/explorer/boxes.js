// What is shown of a graph: a box for each node, or one for all the nodes of a group that is closed.

// The kinds of groups that stay closed at each level of detail.
const CLOSED_AT = {
  operations: ["identity"],
  neurons: ["identity", "cost", "neuron"],
  layers: ["identity", "cost", "neuron", "layer"],
  "time steps": ["identity", "cost", "neuron", "layer", "step"],
};

class Boxes {
  // `groups` are {kind, name, members, heads}, those inside of others first; `layout` that of all nodes:
  // {nodes: [[x, y, width, height]], edges: [[from, to, position, [x, y, …]]]}, the edges null where none is known.
  constructor(graph, groups, layout) {
    Object.assign(this, {graph, groups, layout});
    this.around = graph.nodes.map(() => []);
    groups.forEach(({members}, k) => members.forEach((i) => this.around[i].push(k)));
    this.showsParameters = true;
    this.setDetail("operations");
  }

  // Levels of detail that differ on this graph, the finest first.
  get details() {
    const kinds = new Set(this.groups.map(({kind}) => kind));
    const levels = Object.entries(CLOSED_AT);
    const closesMore = ([, closed], k) =>
      k === 0 || closed.some((kind) => kinds.has(kind) && !levels[k - 1][1].includes(kind));
    return levels.filter(closesMore).map(([detail]) => detail);
  }

  setDetail(detail) {
    const isClosed = ({kind}) => CLOSED_AT[detail].includes(kind);
    this.closed = new Set(this.groups.flatMap((group, k) => (isClosed(group) ? [k] : [])));
    this.refresh();
  }

  open(group) {
    this.closed.delete(group);
    this.refresh();
  }

  close(group) {
    this.closed.add(group);
    this.refresh();
  }

  // Open whatever hides a node.
  uncover(node) {
    this.around[node].forEach((k) => this.groups[k].kind !== "identity" && this.closed.delete(k));
    if (this.graph.nodes[node].role === "parameter") this.showsParameters = true;
    this.refresh();
  }

  // The groups around a node that can be closed, the smallest first.
  closable(node) {
    return this.around[node].filter((k) => this.groups[k].kind !== "identity" && !this.closed.has(k));
  }

  // The largest group around a box, closed or open: its time step, its layer, the cost.
  largestAround({members: [node]}) {
    return this.around[node].findLast((k) => this.groups[k].kind !== "identity");
  }

  refresh() {
    const {graph, closed, around} = this;
    const last = graph.root;
    const made = new Map();
    this.boxOf = graph.nodes.map((node, i) => {
      const k = around[i].filter((group) => closed.has(group)).at(-1);
      if (k === undefined && node.role === "parameter" && !this.showsParameters && i !== last) return null;
      const key = k === undefined ? `n${i}` : `g${k}`;
      if (!made.has(key)) made.set(key, this.box(key, i, k));
      return made.get(key);
    });
    this.edges = this.edgesBetween();
    this.list = inOrder([...made.values()], this.edges);
    this.list.forEach((box, at) => {
      box.at = at;
      box.uses = [];
      box.operands = [];
    });
    for (const edge of this.edges) {
      edge.to.operands.push(edge);
      edge.from.uses.push(edge);
    }
    this.root = this.boxOf[last];
    this.place();
  }

  // `node` is the node whose numbers the box shows; null where it stands for several.
  box(key, i, k) {
    const group = k === undefined ? null : this.groups[k];
    const node = !group ? i : group.heads.length === 1 ? group.heads[0] : null;
    const canOpen = group !== null && group.kind !== "identity";
    return {key, node, group, canOpen, number: k, members: group?.members ?? [i], heads: group?.heads ?? [i]};
  }

  // An edge for each use; of a group, one for all its uses of a box.
  edgesBetween() {
    const found = new Map();
    this.graph.nodes.forEach(({parents}, node) => {
      const to = this.boxOf[node];
      parents.forEach((parent, position) => {
        const from = this.boxOf[parent];
        if (!from || !to || from === to) return;
        const key = to.group ? `${from.key} ${to.key}` : `${from.key} ${to.key} ${position}`;
        if (!found.has(key)) found.set(key, {from, to, position, uses: []});
        found.get(key).uses.push([parent, node, position]);
      });
    });
    return [...found.values()];
  }

  // The picture of all nodes as it is; or columns of what is shown of them.
  place() {
    const {layout, list, edges} = this;
    const isWhole = list.every(({group}) => !group || group.kind === "identity");
    const isParameter = ({node}) => this.graph.nodes[node]?.role === "parameter";
    list.forEach((box) => Object.assign(box, homeOf(box, layout)));
    if (layout.edges && isWhole && this.showsParameters) this.placeAsLaidOut();
    else settle(list, edges, isParameter);
    joinInBundles(edges);
    this.size = [
      Math.max(...list.map(({x, width}) => x + width)) + MARGIN,
      Math.max(...list.map(({y, height}) => y + height)) + MARGIN,
    ];
  }

  placeAsLaidOut() {
    const curves = new Map(
      this.layout.edges.map(([from, to, position, curve]) => [`${from} ${to} ${position}`, curve]),
    );
    for (const edge of this.edges) {
      const [[parent, , position]] = edge.uses;
      edge.path = curves.get(`${parent} ${edge.to.node} ${position}`) ?? straightPath(edge);
    }
  }

  // The terms of a box's gradient, one for each edge: ∂C/∂user · ∂user/∂box.
  terms(box) {
    return box.uses.map((edge) => {
      const {gradients, partials} = this.graph;
      let product = 0;
      for (const [, user, position] of edge.uses) {
        // Nothing flows back through a dead unit.
        if (gradients[user] !== 0) product += partials[user][position] * gradients[user];
      }
      const adjoint = edge.to.node === null ? NaN : gradients[edge.to.node];
      return {edge, user: edge.to, adjoint, partial: this.partial(edge), product};
    });
  }

  // All paths of edges from a box to the root; null if there are too many. The root itself has none to go.
  paths(start) {
    const found = [];
    const ways = [[start, []]];
    while (ways.length) {
      const [at, path] = ways.pop();
      if (at === this.root) found.push(path);
      else for (const edge of [...at.uses].reverse()) ways.push([edge.to, [...path, edge]]);
      if (found.length + ways.length > MOST_PATHS) return null;
    }
    return found.filter((path) => path.length);
  }

  // ∂to/∂from of an edge: of a group, that of all within it.
  partial({from, to, position}) {
    if (to.node === null || from.node === null) return NaN;
    if (!to.group) return this.graph.partials[to.node][position];
    return this.graph.partialsWithin(to.node, to.members).get(from.node) ?? 0;
  }
}

const MOST_PATHS = 200;
const STACK = {width: 170, letter: 12, height: 104};

// Where a box stands in the picture of all nodes: in the place of the node it is named after.
function homeOf({node, heads, group}, {nodes}) {
  const corners = heads.map((i) => nodes[i]);
  const [x, y, width, height] = corners[0];
  if (node !== null) return {x, y, width, height};
  return {
    x: Math.max(...corners.map(([left]) => left)),
    y: mean(corners.map(([, top]) => top)),
    width: Math.max(STACK.width, STACK.letter * group.name.length),
    height: STACK.height,
  };
}

// Boxes so that each comes after those that it uses, and else as they come in the graph.
function inOrder(boxes, edges) {
  const operands = new Map(boxes.map((box) => [box, []]));
  for (const {from, to} of edges) operands.get(to).push(from);
  const [found, entered] = [new Set(), new Set()];
  const lastFirst = (a, b) => b.members.at(-1) - a.members.at(-1);
  const stack = [...boxes].sort(lastFirst);
  while (stack.length) {
    const box = stack.at(-1);
    const missing = entered.has(box) ? [] : operands.get(box).filter((one) => !entered.has(one));
    entered.add(box);
    if (missing.length) stack.push(...missing.sort(lastFirst));
    else found.add(stack.pop());
  }
  return [...found];
}
