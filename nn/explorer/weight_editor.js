// The selected weight: slider, number, and its gradient for the chosen point and as the mean over all.

class WeightEditor {
  constructor(page) {
    const {network, formulas} = page;
    this.page = page;
    this.select = element(
      "select",
      {"aria-label": "Weight or bias", change: () => page.select(Number(this.select.value))},
      ...network.parameters.map((p) => element("option", {value: p}, formulas.name(p))),
    );
    this.field = element("input", {
      type: "number",
      step: "any",
      input: () => this.field.value !== "" && page.setParameter(page.selected, Number(this.field.value)),
      change: () => this.draw(),
    });
    this.slider = element("input", {
      type: "range",
      step: "any",
      input: () => page.setParameter(page.selected, Number(Number(this.slider.value).toPrecision(4))),
      change: () => page.say(this.told()),
    });
    this.formula = element("div", {class: "gradients"});
    this.element = element(
      "div",
      {class: "editor"},
      element("div", {class: "row"}, this.select, this.field, this.slider),
      this.formula,
    );
  }

  told() {
    const {network, formulas, selected} = this.page;
    const name = formulas.name(selected);
    const [value, gradient] = [network.sample.values[selected], network.gradient(selected)].map((x) =>
      short(x),
    );
    return `${name} = ${value}; mean gradient ${gradient}; cost ${short(network.cost)}.`;
  }

  draw() {
    const {network, formulas, selected} = this.page;
    const value = network.sample.values[selected];
    const name = formulas.name(selected);
    this.select.value = selected;
    this.field.setAttribute("aria-label", `Value of ${name}`);
    this.slider.setAttribute("aria-label", `Value of ${name}, slider`);
    // A field takes no other numbers.
    const finite = Number.isFinite(value) ? value : "";
    if (document.activeElement !== this.field || Number(this.field.value) !== value)
      this.field.value = finite;
    const reach = Math.max(3, Math.min(2 ** Math.ceil(Math.log2(Math.abs(finite) || 1)), Number.MAX_VALUE));
    if (document.activeElement !== this.slider) [this.slider.min, this.slider.max] = [-reach, reach];
    this.slider.value = Number(finite);
    this.drawGradients();
  }

  // The one of the chosen point is told when the walk through its graph has come to it.
  drawGradients() {
    const {network, formulas, selected, sampleGraph} = this.page;
    const gradient = formulas.derivative(network.sample.root, selected);
    const single = network.point ? network.sample.gradients[selected] : NaN;
    const lines = [
      ["mean over points", shortMath(network.gradient(selected)), "mean"],
      sampleGraph.hasGradient(selected)
        ? ["chosen point", shortMath(single), "single"]
        : ["chosen point: comes in the walk through its graph", "<mo>…</mo>", "single"],
    ];
    this.formula.replaceChildren(
      ...lines.map(([words, number, kind]) => {
        const line = mathematics(formulas.chain(gradient, number));
        line.dataset.gradient = kind;
        line.append(element("span", {}, words));
        return line;
      }),
    );
  }
}
