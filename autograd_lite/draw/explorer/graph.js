// The computation graph: the values, local derivatives and gradients of every node, kept up to date.

class Graph {
  // `nodes` come parents before children: {op, rule, parents, data, role, symbol}; `rules` are functions of
  // the operands, [value, [partials]], by the nodes' `rule`. The root is the last node.
  constructor(nodes, rules) {
    this.nodes = nodes;
    this.rules = rules;
    this.root = nodes.length - 1;
    this.values = nodes.map((node) => node.data);
    this.partials = nodes.map(() => []);
    this.gradients = nodes.map(() => 0);
    this.fault = null; // a local derivative that is wrong on purpose: {node, position, wrong(x)}
    // uses[i] lists where node i is an operand, in the order in which gradients flow back to it.
    this.uses = nodes.map(() => []);
    for (let i = this.root; i >= 0; i--) {
      nodes[i].parents.forEach((parent, position) => this.uses[parent].push({user: i, position}));
    }
    this.compute();
  }

  get cost() {
    return this.values[this.root];
  }

  isLeaf(i) {
    return this.nodes[i].op === "leaf";
  }

  // Everything that can be learned: the leaves with the role of a parameter.
  get parameters() {
    return this.nodes.flatMap((node, i) => (node.role === "parameter" ? [i] : []));
  }

  // The forward pass, then the backward pass.
  compute() {
    const {nodes, values, partials, gradients} = this;
    nodes.forEach(({rule, parents}, i) => {
      if (parents.length) [values[i], partials[i]] = this.rules[rule](...parents.map((p) => values[p]));
      if (this.fault?.node === i) {
        const {position, wrong} = this.fault;
        partials[i][position] = wrong(partials[i][position]);
      }
    });
    gradients.fill(0);
    gradients[this.root] = 1;
    for (let i = this.root; i >= 0; i--) {
      const adjoint = gradients[i];
      if (adjoint === 0) continue; // nothing flows back through a dead unit
      nodes[i].parents.forEach((parent, position) => {
        gradients[parent] += partials[i][position] * adjoint;
      });
    }
  }

  // Give leaves new values, as a Map or list of [node, value], and recompute.
  set(changes) {
    for (const [i, value] of changes) this.values[i] = value;
    this.compute();
  }

  // Back to the values of the export: of one leaf, or of all.
  reset(leaf = null) {
    this.set(this.nodes.flatMap((node, i) => (this.isLeaf(i) && (leaf ?? i) === i ? [[i, node.data]] : [])));
  }

  // The cost that leaves of other values would have, as a list of [node, value].
  costIf(changes) {
    const before = [...this.values];
    this.set(changes);
    const {cost} = this;
    this.values = before;
    this.compute();
    return cost;
  }

  // One step of gradient descent: p ← p − rate · ∂C/∂p for every parameter.
  descend(rate) {
    this.set(this.afterStep(rate));
  }

  afterStep(rate) {
    return this.parameters.map((i) => [i, this.values[i] - rate * this.gradients[i]]);
  }

  // ∂head/∂v for every v that some of the nodes, in order and the head last among them, are made of.
  partialsWithin(head, nodes) {
    const found = new Map([[head, 1]]);
    for (let k = nodes.lastIndexOf(head); k >= 0; k--) {
      const adjoint = found.get(nodes[k]) ?? 0;
      if (adjoint === 0) continue;
      this.nodes[nodes[k]].parents.forEach((parent, position) => {
        found.set(parent, (found.get(parent) ?? 0) + this.partials[nodes[k]][position] * adjoint);
      });
    }
    return found;
  }
}
