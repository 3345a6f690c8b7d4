// The steps of backpropagation: first the value of each box, left to right, then each gradient, right to left.

// A gradient that is the sum over more uses than these comes at once.
const MOST_TERMS_IN_STEPS = 6;
const MOST_UPDATES = 12;
const MOST_RULES = 3;
const MOST_IN_CHAIN = 24; // factors of the chain rule from the root
const MOST_IN_LAYER = 16;

class Steps {
  // `rate()` is the learning rate of the update with which the walk ends; without one it ends with the gradients.
  constructor(graph, formulas, boxes, rate = null) {
    Object.assign(this, {graph, formulas, boxes, rate});
    this.refresh();
  }

  // The boxes have changed: so do the steps.
  refresh() {
    const {list} = this.boxes;
    const forward = list.filter(({operands, members}) => operands.length || members.length > 1);
    const backward = list
      .filter(({node}) => node === null || this.graph.nodes[node].op !== "constant")
      .reverse();
    this.list = [{kind: "start", box: null, node: null}];
    forward.forEach((box, k) => this.add({kind: "value", box, count: k + 1, of: forward.length}));
    backward.forEach((box, k) => {
      const n = box.node === null || box.uses.length > MOST_TERMS_IN_STEPS ? 1 : Math.max(box.uses.length, 1);
      for (let use = 0; use < n; use++) {
        const kind = use + 1 < n ? "term" : "gradient";
        this.add({kind, box, count: k + 1, of: backward.length, use, uses: n});
      }
    });
    if (this.rate && this.graph.parameters.length) this.list.push({kind: "update", box: null, node: null});
    this.stops = this.lastOfEachLayer();
    // At which step each box's value and gradient appear, and the first term of the gradient.
    this.valueAt = new Map(list.map(({key}) => [key, 0]));
    this.gradientAt = new Map();
    this.termAt = new Map();
    this.list.forEach(({kind, box, use}, k) => {
      if (kind === "value") this.valueAt.set(box.key, k);
      if (kind === "gradient") this.gradientAt.set(box.key, k);
      if (use === 0) this.termAt.set(box.key, k);
    });
  }

  add(step) {
    this.list.push({...step, node: step.box.node});
  }

  // Where a walk by whole layers stops: at the last value, and the last gradient, of each layer or time step; all
  // leaves of no layer count as one, and what is computed outside as itself.
  lastOfEachLayer() {
    const found = new Map();
    this.list.forEach((step, k) => {
      const {kind, box} = step;
      const group = box && this.boxes.largestAround(box);
      const whole = !box ? kind : (group ?? (box.operands.length ? box.key : "leaves"));
      step.layer = `${kind === "value" ? kind : "gradient"} ${whole}`;
      found.set(step.layer, k);
    });
    return [...found.values()].sort((a, b) => a - b);
  }

  // The values or gradients of the layer that is complete at a stop, from above.
  layerAt(position) {
    const {layer} = this.list[position];
    const steps = this.list.filter((step) => step.layer === layer && step.box && step.kind !== "term");
    return steps.sort((a, b) => a.box.y - b.box.y);
  }

  get last() {
    return this.list.length - 1;
  }

  // The step at which a box's gradient or value comes: where a walk that changes its boxes goes on.
  positionOf(box, isBackward) {
    return (isBackward ? this.gradientAt : this.valueAt).get(box.key) ?? 0;
  }

  // What the drawing shows at a step: the numbers that have come so far, and the box whose turn it is.
  shownAt(position) {
    const {kind, box, use} = this.list[position];
    const isBackward = kind === "gradient" || kind === "term";
    const edges = isBackward ? box.uses : (box?.operands ?? []);
    return {
      kind,
      active: box,
      term: isBackward && this.list[position].uses > 1 ? box.uses[use] : null,
      near: new Set([...(box ? [box] : []), ...edges.map(({from, to}) => (isBackward ? to : from))]),
      hasValue: ({key}) => this.valueAt.get(key) <= position,
      gradient: (one) => this.gradientShown(one, position),
    };
  }

  // The gradient of a box as far as it has come, term by term; null where nothing has come.
  gradientShown(box, position) {
    if (!(this.termAt.get(box.key) <= position)) return null;
    if (box.node === null) return 0;
    if (this.gradientAt.get(box.key) <= position) return this.graph.gradients[box.node];
    const come = position - this.termAt.get(box.key) + 1;
    return sumOf(this.boxes.terms(box).slice(0, come));
  }

  // What step k does: a title, a sentence for each thing to know, and lines of MathML; of these the one, `brief`,
  // that says it all.
  describe(k) {
    const step = this.list[k];
    if (step.kind === "start") return this.describeStart();
    if (step.kind === "update") return this.describeUpdate();
    if (step.node === null) return this.describeStack(step);
    return step.kind === "value" ? this.describeValue(step) : this.describeGradient(step);
  }

  // What a whole layer does: the numbers by name.
  describeLayer(position) {
    const {graph, formulas} = this;
    const layer = this.layerAt(position);
    if (layer.length < 2) return this.describe(position);
    const [{kind, box}] = layer;
    const group = this.boxes.groups[this.boxes.largestAround(box)];
    const root = formulas.name(graph.root);
    const told = layer
      .filter(({node}) => node !== null)
      .map(({node}) =>
        kind === "value"
          ? `${formulas.name(node)} = ${short(graph.values[node])}`
          : `∂${root}/∂${formulas.name(node)} = ${short(graph.gradients[node])}`,
      );
    return {
      title: `${capital(group?.name ?? "leaves")}: ${layer.length} ${kind}s`,
      words: told.length ? `${listed(told, MOST_IN_LAYER)}.` : "",
      lines: [],
    };
  }

  describeStart() {
    const leaves = this.graph.nodes.filter((node) => !node.parents.length).length;
    return {
      title: "Start",
      words:
        `${leaves === 1 ? "The value of the 1 leaf is" : `The values of the ${leaves} leaves are`} given. ` +
        "Values flow from left to right, then gradients from right to left.",
      lines: [],
    };
  }

  // w ← w − α · ∂C/∂w for each parameter, and the cost before and after.
  describeUpdate() {
    const {graph, formulas} = this;
    const rate = this.rate();
    const root = formulas.name(graph.root);
    const cost = graph.costIf(graph.afterStep(rate));
    const shown = graph.parameters.slice(0, MOST_UPDATES);
    const left = graph.parameters.length - shown.length;
    return {
      title: "The update",
      words:
        `Each parameter takes a step of α = ${short(rate)} times its gradient, downhill: ${root} was ` +
        `${short(graph.cost)} and will be ${short(cost)}. Step makes it so.`,
      lines: [
        ...shown.map((i) => formulas.update(i, rate)),
        ...(left ? [[`<mtext>and ${left} more</mtext>`]] : []),
      ],
    };
  }

  describeStack({kind, box, count, of}) {
    const words = `${box.heads.length} ${kind}s at once; open it to see each.`;
    return {title: `${capital(kind)} ${count} of ${of}: ${box.group.name}`, words, lines: []};
  }

  describeValue({box, node, count, of}) {
    const {graph, formulas} = this;
    const operands = listed(
      box.operands.map(({from}) => {
        const name = formulas.boxName(from);
        return graph.nodes[from.node]?.symbol ? `${name} = ${short(graph.values[from.node])}` : name;
      }),
    );
    const what = capital(box.canOpen ? `${box.group.name}, closed` : formulas.rule(node).summary);
    return {
      title: `Value ${count} of ${of}: ${formulas.name(node)}`,
      words: `${what}. From ${operands} comes ${short(graph.values[node])}.`,
      lines: formulas.valueOf(box),
      brief: formulas.valueOf(box).at(-1),
    };
  }

  describeGradient(step) {
    const told = this.describeTerms(step);
    if (step.kind === "term") return {...told, brief: told.lines.slice(0, 2).flat()};
    const {formulas, boxes} = this;
    const brief = formulas.gradient(step.box, boxes.terms(step.box)).flat();
    return {...told, brief, lines: [...told.lines, ...this.chainRule(step.box)]};
  }

  // From the root all the way, where that is more than the last link and not too long.
  chainRule(box) {
    const paths = this.boxes.paths(box) ?? [];
    const edges = paths.flat();
    const isTold = edges.length <= MOST_IN_CHAIN && edges.every(({to}) => to.node !== null);
    if (!isTold || !paths.some(({length}) => length > 2)) return [];
    const words = paths.length > 1 ? `over all ${paths.length} paths:` : "all the way:";
    const lines = this.formulas.chainRule(box, paths, (edge) => this.boxes.partial(edge));
    return [[`<mtext>${words}</mtext>`], ...lines];
  }

  describeTerms({kind, box, node, count, of, use, uses}) {
    const {graph, formulas} = this;
    const name = formulas.name(node);
    const root = formulas.name(graph.root);
    const terms = this.boxes.terms(box);
    const result = short(graph.gradients[node]);
    const user = (term) => formulas.boxName(term.user);
    const title = `Gradient ${count} of ${of}: ∂${root}/∂${name}`;
    const lines = formulas.gradient(box, terms);
    // The rules of local derivatives; of a closed group there is none.
    const rules = (some) =>
      some
        .filter(({user: by}) => !by.group)
        .map(({user: by, edge}) => formulas.partial(by.node, edge.position));
    if (node === graph.root) {
      return {
        title,
        words: `The gradient of ${root} with respect to itself is 1: here the way back begins.`,
        lines,
      };
    }
    if (!terms.length)
      return {title, words: `Nothing that is shown uses ${name}: its gradient is ${result}.`, lines};
    if (uses > 1) {
      const [before, after] = [use, use + 1].map((n) => sumOf(terms.slice(0, n)));
      const reached = kind === "gradient" ? graph.gradients[node] : after;
      return {
        title,
        words: `Use ${use + 1} of ${uses}, by ${user(terms[use])}: ${short(terms[use].product)} is added.`,
        lines: [
          ...formulas.term(box, terms[use], use ? before : null, reached),
          ...rules([terms[use]]),
          ...(kind === "gradient" ? lines : []),
        ],
      };
    }
    if (terms.length > 1) {
      const words =
        `${name} is used ${terms.length} times, by ${listed(repeated(terms.map(user)))}. ` +
        `Each use gives the gradient of its result times the local derivative; the sum is ${result}.`;
      return {title, words, lines: [...lines, ...rules(terms.slice(0, MOST_RULES))]};
    }
    const [{adjoint, partial, product, user: by}] = terms;
    if (by.node === null)
      return {title, words: `${name} is used by ${user(terms[0])}; its gradient is ${result}.`, lines};
    const digits = digitsThatGive([[adjoint, partial]], product);
    const words =
      `${name} is used once, by ${user(terms[0])}. The gradient of ${user(terms[0])}, ` +
      `${short(adjoint, digits)}, times the local derivative, ${short(partial, digits)}, is ${result}.`;
    return {title, words, lines: [...lines, ...rules(terms)]};
  }
}

function sumOf(terms) {
  return terms.reduce((sum, {product}) => sum + product, 0);
}

function capital(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
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
