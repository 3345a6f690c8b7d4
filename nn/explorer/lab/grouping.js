// Which nodes of a network's graph are one box, as Python's groups.py has it: a neuron, a layer, the cost.

class Grouping {
  // `nodes` are plain data; `labels` and `symbols` belong to them one by one.
  constructor(nodes, order, symbols) {
    this.nodes = nodes;
    this.isLabelled = order.map(({label}) => Boolean(label));
    this.users = nodes.map(() => []);
    nodes.forEach(({parents}, i) => parents.forEach((p) => this.users[p].push(i)));
    this.places = this.placesOf(symbols);
  }

  // Where in the network a node belongs, by its name, or as all that use it: [layer, neuron], [layer] or [].
  placesOf(symbols) {
    const {nodes, isLabelled} = this;
    const places = [];
    const ofUsers = [];
    for (let i = nodes.length - 1; i >= 0; i--) {
      const symbol = symbols[i];
      let own = isLabelled[i] ? [] : (ofUsers[i] ?? []);
      if (symbol?.layer)
        own = nodes[i].role === "input" ? [symbol.layer] : [symbol.layer, ...symbol.indices.slice(0, 1)];
      places[i] = own;
      for (const p of nodes[i].parents) {
        ofUsers[p] ??= own;
        if (String(ofUsers[p]) !== String(own)) ofUsers[p] = ofUsers[p][0] === own[0] ? own.slice(0, 1) : [];
      }
    }
    return places;
  }

  // Those inside of others first.
  groups() {
    const {nodes, places} = this;
    const found = this.identities().map((chain) => this.group("identity", "", chain));
    const [neurons, layers] = [new Map(), new Map()];
    const add = (groups, key, i) => groups.set(key, [...(groups.get(key) ?? []), i]);
    nodes.forEach(({role}, i) => {
      const [l, j] = places[i];
      if (j !== undefined) add(neurons, `${l} ${j}`, i);
      if (j !== undefined || (l !== undefined && role !== "input")) add(layers, l, i);
    });
    for (const [place, members] of neurons) {
      const [l, j] = place.split(" ");
      found.push(this.group("neuron", `neuron ${j} of layer ${l}`, members));
    }
    const single = new Set([...neurons.values()].map(String));
    for (const [l, members] of layers)
      if (!single.has(String(members))) found.push(this.group("layer", `layer ${l}`, members));
    found.push(this.group("cost", "the cost", this.cost()));
    return found.filter(({members}) => members.length > 1);
  }

  group(kind, name, all) {
    const members = [...all].sort((a, b) => a - b);
    const inside = new Set(members);
    const last = this.nodes.length - 1;
    const heads = members.filter((i) => i === last || this.users[i].some((user) => !inside.has(user)));
    return {kind, name, members, heads};
  }

  // Chains of nodes that only hand on the number of the first, with the constants in them.
  identities() {
    const {nodes, users, isLabelled} = this;
    const chains = new Map();
    nodes.forEach(({parents}, i) => {
      const operand = this.onlyOperand(i);
      if (
        operand === null ||
        users[operand].length !== 1 ||
        isLabelled[operand] ||
        !nodes[operand].parents.length
      )
        return;
      const chain = chains.get(operand) ?? [operand];
      chains.delete(operand);
      chains.set(i, [...chain, ...parents.filter((p) => p !== operand), i]);
    });
    return [...chains.values()];
  }

  // The operand of a division by 1, of a sum of one, or of one that begins with Python's 0.
  onlyOperand(i) {
    const {nodes, isLabelled} = this;
    const {op, rule, parents} = nodes[i];
    const isNothingBut = (p, data) =>
      nodes[p].role === "constant" && nodes[p].data === data && !isLabelled[p];
    if (op === "div" && isNothingBut(parents[1], 1)) return parents[0];
    if (op === "add" && isNothingBut(parents[0], 0)) return parents[1];
    return rule === "fsum/1" ? parents[0] : null;
  }

  // The root and all that only it uses, of what is made of layers and belongs to none.
  cost() {
    const {nodes, users, places, isLabelled} = this;
    const last = nodes.length - 1;
    const after = new Set();
    nodes.forEach(({parents}, i) => {
      if (!places[i].length && parents.some((p) => after.has(p) || places[p].length)) after.add(i);
    });
    const found = new Set(after.has(last) ? [last] : []);
    for (let i = last - 1; i >= 0; i--) {
      const isStep = after.has(i) || nodes[i].role === "constant";
      if (isStep && !isLabelled[i] && users[i].length && users[i].every((user) => found.has(user)))
        found.add(i);
    }
    return [...found];
  }
}

const BOX = {narrowest: 122, height: 74, letter: 10, room: 24, circle: 32, constant: [92, 34]};

// The size of each node's box, and how high it stands, from which the picture takes the order: neurons of a
// layer from top to bottom, each with its weights and its bias. There are no curves: the picture finds its
// own.
function layoutOf(nodes, {places, users}) {
  const rows = new Map();
  places.forEach(([l, j]) => l !== undefined && rows.set(l, Math.max(rows.get(l) ?? 0, Number(j ?? 0) + 1)));
  const within = new Map();
  const heights = nodes.map(({role, parents}, i) => {
    const [l, j] = places[i];
    if (role !== "parameter" || j === undefined) return null;
    const key = `${l} ${j}`;
    within.set(key, (within.get(key) ?? 0) + 1);
    // The bias comes first in the order of the nodes, and last in the picture.
    const isBias =
      within.get(key) === 1 && nodes[users[i][0]].op === "affine" && nodes[users[i][0]].parents[0] === i;
    return (Number(j) + (isBias ? 0.99 : within.get(key) / 100)) / rows.get(l);
  });
  nodes.forEach(({parents, role}, i) => {
    if (heights[i] !== null) return;
    const [l, j] = places[i];
    if (j !== undefined) heights[i] = (Number(j) + 0.5) / rows.get(l);
    else if (parents.length) heights[i] = mean(parents.map((p) => heights[p] ?? 0.5));
  });
  // Inputs, targets and constants in the order in which they come.
  const leaves = nodes.flatMap((_, i) => (heights[i] === null ? [i] : []));
  leaves.forEach((i, k) => (heights[i] = (k + 0.5) / leaves.length));
  return {
    nodes: nodes.map(({symbol, parents}, i) => {
      const top = Math.round(1000 * nodes.length * heights[i]) / 1000;
      if (!symbol) return [0, top, ...BOX.constant];
      const width = Math.max(BOX.narrowest, BOX.letter * symbol.text.length + BOX.room);
      return [0, top, width + (parents.length ? BOX.circle : 0), BOX.height];
    }),
    edges: null,
  };
}
