// Nudge: change a leaf by ε, and see ΔC/ε beside the gradient.

class Nudge {
  constructor(walk) {
    this.walk = walk;
    this.name = "Nudge";
    this.size = element("input", {
      type: "number",
      step: "any",
      value: 0.01,
      "aria-label": "ε",
      input: () => this.update(),
    });
    this.words = element("p", {});
    this.lines = element("div", {});
    this.element = element(
      "div",
      {},
      element("label", {class: "controls"}, "ε = ", this.size),
      this.words,
      this.lines,
    );
  }

  update() {
    const {selected, formulas, graph} = this.walk;
    const leaf = selected?.node ?? null;
    const size = this.size.value === "" ? NaN : Number(this.size.value);
    this.lines.replaceChildren();
    if (leaf === null || !graph.isLeaf(leaf)) {
      this.words.textContent =
        "Select a leaf: it is changed by ε, and the cost tells by how much it follows.";
      return;
    }
    if (!Number.isFinite(size) || size === 0) {
      this.words.textContent = "ε is a small number other than 0, such as 0.01.";
      return;
    }
    const after = graph.costIf([[leaf, graph.values[leaf] + size]]);
    const [name, root] = [formulas.name(leaf), formulas.name(graph.root)];
    const slope = (after - graph.cost) / size;
    const gradient = graph.gradients[leaf];
    this.words.textContent =
      `${name} goes from ${short(graph.values[leaf])} to ${short(graph.values[leaf] + size)}, ` +
      `and ${root} from ${short(graph.cost, 7)} to ${short(after, 7)}. ` +
      `The gradient is what Δ${root}/ε comes to as ε goes to 0: it is off by ${short(slope - gradient, 2)}.`;
    const {equals} = formulas.notation;
    const fraction = `<mfrac><mrow><mi>Δ</mi>${formulas.symbol(graph.root)}</mrow><mi>ε</mi></mfrac>`;
    this.lines.append(
      mathematics([fraction, equals + shortMath(slope, 7)]),
      mathematics([formulas.derivative(graph.root, leaf), equals + shortMath(gradient, 7)]),
    );
  }
}
