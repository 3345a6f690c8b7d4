// The steps of backpropagation: first each node's value, left to right, then each gradient, right to left.

class Steps {
  constructor(graph, formulas) {
    this.graph = graph;
    this.formulas = formulas;
    const all = graph.nodes.map((_, i) => i);
    const forward = all.filter((i) => graph.nodes[i].parents.length);
    const backward = all.filter((i) => graph.nodes[i].op !== "constant").reverse();
    this.list = [
      {kind: "start", node: null},
      ...forward.map((node, k) => ({kind: "value", node, count: k + 1, of: forward.length})),
      ...backward.map((node, k) => ({kind: "gradient", node, count: k + 1, of: backward.length})),
    ];
    // At which step each node's value and gradient appear.
    this.valueAt = all.map(() => 0);
    this.gradientAt = all.map(() => Infinity);
    this.list.forEach(({kind, node}, k) => {
      if (kind === "value") this.valueAt[node] = k;
      if (kind === "gradient") this.gradientAt[node] = k;
    });
  }

  // What the drawing shows at a step: the numbers that have come so far, and the node whose turn it is.
  shownAt(position) {
    const {kind, node} = this.list[position];
    return {
      hasValue: (i) => this.valueAt[i] <= position,
      hasGradient: (i) => this.gradientAt[i] <= position,
      active: node,
      kind,
    };
  }

  get last() {
    return this.list.length - 1;
  }

  // What step k does: a title, a sentence for each thing to know, and lines of MathML.
  describe(k) {
    const step = this.list[k];
    if (step.kind === "start") return this.describeStart();
    return step.kind === "value" ? this.describeValue(step) : this.describeGradient(step);
  }

  describeStart() {
    const leaves = this.graph.nodes.filter((node) => !node.parents.length).length;
    return {
      title: "Start",
      words:
        `The values of the ${counted(leaves, "leaf", "leaves")} are given. ` +
        "Values flow from left to right, then gradients from right to left.",
      lines: [],
    };
  }

  describeValue({node, count, of}) {
    const {graph, formulas} = this;
    const {title, summary} = formulas.rule(node);
    const operands = listed(
      graph.nodes[node].parents.map((p) =>
        graph.nodes[p].symbol ? `${formulas.name(p)} = ${short(graph.values[p])}` : formulas.name(p),
      ),
    );
    return {
      title: `Value ${count} of ${of}: ${formulas.name(node)}`,
      words: `The rule “${title}”: ${summary}. From ${operands} comes ${short(graph.values[node])}.`,
      lines: formulas.value(node),
    };
  }

  describeGradient({node, count, of}) {
    const {graph, formulas} = this;
    const name = formulas.name(node);
    const root = formulas.name(graph.root);
    const terms = graph.terms(node);
    const result = short(graph.gradients[node]);
    const factors = terms.slice(0, 3).map(({user, position}) => formulas.partial(user, position));
    let words;
    if (node === graph.root) {
      words = `The gradient of ${root} with respect to itself is 1: here the way back begins.`;
    } else if (terms.length === 1) {
      const [{user, adjoint, partial}] = terms;
      words =
        `${name} is used once, by ${formulas.name(user)}. The gradient of ${formulas.name(user)}, ` +
        `${short(adjoint)}, times the local derivative, ${short(partial)}, is ${result}.`;
    } else {
      words =
        `${name} is used ${terms.length} times, by ${listed(repeated(terms.map(({user}) => formulas.name(user))))}. ` +
        `Each use gives the gradient of its result times the local derivative; the sum is ${result}.`;
      if (new Set(terms.map(({user}) => user)).size < terms.length) {
        words += " The signs |₁ and |₂ tell its use as first operand from that as second.";
      }
    }
    return {
      title: `Gradient ${count} of ${of}: ∂${root}/∂${name}`,
      words,
      lines: [...formulas.gradient(node), ...factors],
    };
  }
}

function counted(n, one, many) {
  return `${n} ${n === 1 ? one : many}`;
}

// a, b, b as a, b (2×).
function repeated(names) {
  const counts = new Map();
  names.forEach((name) => counts.set(name, (counts.get(name) ?? 0) + 1));
  return [...counts].map(([name, n]) => (n > 1 ? `${name} (${n}×)` : name));
}

// a, b and c; of many only the first few.
function listed(names, most = 6) {
  const shown = names.length > most ? [...names.slice(0, most), `${names.length - most} more`] : names;
  return shown.length > 1 ? `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}` : shown[0];
}
