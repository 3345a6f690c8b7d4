// Find the fault: one local derivative of the graph is wrong, and the student finds it by stepping.

class Fault {
  constructor(walk, refresh) {
    Object.assign(this, {walk, refresh});
    this.name = "Find the fault";
    this.choice = element("select", {"aria-label": "Which rule is wrong", change: () => this.hide()});
    this.accuse = element("button", {type: "button", class: "main", click: () => this.check()});
    this.verdict = element("p", {role: "status"});
    this.element = element(
      "div",
      {},
      element("p", {}, "One local derivative is computed wrongly. Step through the way back, and find it."),
      element("label", {class: "controls"}, "wrong is ", this.choice),
      element(
        "div",
        {class: "controls"},
        this.accuse,
        element("button", {type: "button", click: () => this.hide()}, "Another"),
      ),
      this.verdict,
    );
  }

  // The operations that could be wrong: those whose local derivatives are shown.
  get candidates() {
    const {nodes} = this.walk.graph;
    return nodes.flatMap(({parents}, i) => (parents.some((p) => nodes[p].op !== "constant") ? [i] : []));
  }

  start() {
    const {formulas} = this.walk;
    const signs = [...new Set(this.candidates.map((i) => formulas.rule(i).title))];
    this.choice.replaceChildren(
      element("option", {value: ""}, "one by chance"),
      ...signs.map((title) => element("option", {value: title}, `one of ${title}`)),
    );
    this.hide();
  }

  stop() {
    this.walk.graph.fault = null;
    this.walk.graph.compute();
    this.refresh();
  }

  // Put a fault into a rule: its sign is changed, or its size. Only what changes a gradient can be found.
  hide() {
    const {graph, formulas} = this.walk;
    const {value} = this.choice;
    graph.fault = null;
    graph.compute();
    const possible = this.candidates
      .filter((i) => !value || formulas.rule(i).title === value)
      .flatMap((node) =>
        graph.nodes[node].parents.flatMap((p, position) => {
          const flows = graph.gradients[node] * graph.partials[node][position];
          return graph.nodes[p].op !== "constant" && flows && Number.isFinite(flows)
            ? [{node, position}]
            : [];
        }),
      );
    if (possible.length) {
      graph.fault = {...anyOf(possible), wrong: anyOf([(x) => -x, (x) => 2 * x, (x) => x / 3])};
      graph.compute();
    }
    this.verdict.textContent = possible.length ? "" : "No gradient flows here: change a leaf, and try again.";
    this.walk.player.go(0);
    this.refresh();
  }

  get accused() {
    return this.walk.selected?.node ?? null;
  }

  update() {
    const {formulas, graph} = this.walk;
    const node = this.accused;
    const isPossible = graph.fault !== null && node !== null && graph.nodes[node].parents.length > 0;
    this.accuse.disabled = !isPossible;
    this.accuse.textContent = isPossible
      ? `${formulas.name(node)} is wrong`
      : "Select the node whose rule is wrong";
  }

  check() {
    const {formulas, graph} = this.walk;
    const {node, position} = graph.fault;
    const name = formulas.name(this.accused);
    if (this.accused !== node) {
      this.verdict.textContent = `The local derivatives of ${name} are right. Compare rule and number at each step.`;
      return;
    }
    const of = formulas.name(graph.nodes[node].parents[position]);
    graph.fault = null;
    graph.compute();
    const right = short(graph.partials[node][position]);
    this.verdict.textContent = `Found: ∂${name}/∂${of} is ${right}. Now all gradients are right again.`;
    this.refresh();
  }
}

function anyOf(list) {
  return list[Math.floor(Math.random() * list.length)];
}
