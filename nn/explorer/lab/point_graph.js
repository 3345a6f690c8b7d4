// The graph of one point, node by node, for a network of any layers: what Python's sample_graph builds.

class PointGraph {
  // `layers` are {size, activation, bias}, the activation by its name; `templates` the graphs of activations
  // by name and of costs by name and number of outputs, as nn/explorer/templates.py makes them.
  constructor(inputs, layers, cost, templates) {
    this.shared = new Map(); // leaves that a function of one's own brings along, the same in every neuron
    this.layers = [listOf(inputs, (k) => leaf(symbolOf("a", 0, [k])))];
    [this.weights, this.biases] = [[], []];
    layers.forEach((layer, l) => this.addLayer(layer, l + 1, templates.activations[layer.activation]));
    const outputs = this.layers.at(-1);
    this.targets = outputs.map((_, j) => leaf(symbolOf("y", "", [j])));
    const template = templates.costs[cost][outputs.length];
    this.root = this.grown(
      template,
      new Map([...paired(template.outputs, outputs), ...paired(template.targets, this.targets)]),
    );
  }

  addLayer({size, bias}, l, template) {
    const before = this.layers.at(-1);
    const rows = listOf(size, (j) => before.map((_, k) => leaf(symbolOf("w", l, [j, k]), true)));
    const shared = leaf(symbolOf("b", l), true);
    const biases =
      bias === "neuron" ? listOf(size, (j) => leaf(symbolOf("b", l, [j]), true)) : bias ? [shared] : [];
    this.weights.push(rows);
    this.biases.push(biases);
    this.layers.push(
      rows.map((row, j) => {
        const b = biases.length ? [biases[bias === "layer" ? 0 : j]] : [];
        const [op, parents] = [b.length ? "affine" : "sumprod", [...b, ...row, ...before]];
        const z = node(op, `${op}/${parents.length}`, parents, symbolOf("z", l, [j]));
        const a = this.grown(template, new Map([[template.z, z]]));
        if (a !== z) a.label = symbolOf("a", l, [j]);
        return a;
      }),
    );
  }

  // A template's nodes anew, with `given` for some of its leaves; returns the root.
  grown(template, given) {
    const made = [];
    template.nodes.forEach((one, i) => {
      if (given.has(i)) made.push(given.get(i));
      else if (one.op === "leaf") made.push(this.sharedLeaf(template, i));
      else
        made.push({
          ...one,
          parents: one.parents.map((p) => made[p]),
          label: labelled(one.label),
          isParameter: false,
        });
    });
    return made.at(-1);
  }

  sharedLeaf(template, i) {
    const key = template.nodes[i].identity;
    if (!this.shared.has(key))
      this.shared.set(key, {...leaf(labelled(template.nodes[i].label)), data: template.nodes[i].data});
    return this.shared.get(key);
  }

  // As plain data, as Python's graph_data gives it; and where parameters, inputs, targets and activations
  // stand in it.
  data() {
    const order = topologicalOrder(this.root);
    const position = new Map(order.map((one, i) => [one, i]));
    const at = (one) => position.get(one);
    const named = symbolsOf(this.root);
    const nodes = order.map((one) => {
      const symbol = named.get(one);
      return {
        op: one.op,
        rule: one.rule,
        formula: one.formula,
        parents: one.parents.map(at),
        data: one.data,
        role: roleOf(one, this.root),
        symbol: symbol ? {text: textOf(symbol), math: mathOf(symbol)} : null,
      };
    });
    const grouping = new Grouping(
      nodes,
      order,
      order.map((one) => named.get(one)),
    );
    return {
      nodes,
      groups: grouping.groups(),
      layout: layoutOf(nodes, grouping),
      layers: this.layers.map((layer) => layer.map(at)),
      targets: this.targets.map(at),
      weights: this.weights.map((rows) => rows.map((row) => row.map(at))),
      biases: this.biases.map((biases) => biases.map(at)),
    };
  }
}

function node(op, rule, parents, label, isParameter = false) {
  return {op, rule, formula: rule, parents, data: null, label, isParameter};
}

function leaf(label, isParameter = false) {
  return {...node("leaf", "", [], label, isParameter), data: 0};
}

function labelled(parts) {
  return parts && symbolOf(...parts);
}

function paired(keys, values) {
  return keys.map((key, k) => [key, values[k]]);
}

function roleOf(one, root) {
  if (one === root) return "cost";
  if (one.parents.length) return "interior";
  if (one.op === "constant") return "constant";
  return one.isParameter ? "parameter" : "input";
}
