// How the network learns: its cost, what becomes of gradients, and in which portions the points come.

class LearningControls {
  constructor(page) {
    this.page = page;
    this.fields = new Fields(page);
    const {fields} = this;
    const {costName, templates} = page.network;
    const costs = Object.keys(templates.costs).map((name) => [
      name,
      name === "own" ? costName || "a function of your own" : name.replaceAll("_", " "),
    ]);
    this.cost = fields.choice("cost", "", costs);
    this.cost.firstElementChild.setAttribute("aria-label", "Cost function");
    this.cost.dataset.part = "learning-controls";
    this.element = fold(
      "How it learns",
      "learning-controls",
      row(
        fields.choice("optimizer", "steps by", [
          ["sgd", "gradient descent"],
          ["adam", "Adam"],
        ]),
        fields.number("momentum", "momentum", {title: "The share of the last step that is made once more"}),
      ),
      row(
        fields.choice("schedule", "learning rate", [
          ["constant", "stays"],
          ["step", "falls in steps"],
          ["exponential", "falls each epoch"],
          ["cosine", "falls as a cosine"],
        ]),
        fields.number("every", "epochs", {title: "Of a step, or until the cosine has come to 0"}),
        fields.number("factor", "factor", {title: "What the learning rate is multiplied by"}),
      ),
      row(
        fields.number("batch", "batch", {title: "Points of one step; 0 for all of them"}),
        fields.number("l1", "L1", {title: "λ₁ of λ₁Σ|w|, a penalty on the weights"}),
        fields.number("l2", "L2", {title: "λ₂ of ½λ₂Σw², a penalty on the weights"}),
      ),
    );
  }

  show() {
    const {optimizer, schedule} = this.page.network.settings;
    const without = {
      momentum: optimizer !== "sgd",
      every: !["step", "cosine"].includes(schedule),
      factor: !["step", "exponential"].includes(schedule),
    };
    this.fields.show((name) => without[name]);
    for (const option of this.cost.firstElementChild.options)
      option.disabled = !this.page.network.takes(option.value);
  }
}
