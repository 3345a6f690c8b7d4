// Gradient descent in the page: one step or many.

const MILLISECONDS_PER_DESCENT = 120;

class Descent {
  // `onStep()` after the parameters have moved, `onReset()` to bring back the values of the export, `onRate()`
  // when the learning rate is another.
  constructor(graph, formulas, {onStep, onReset, onRate}) {
    Object.assign(this, {graph, formulas, onStep});
    this.timer = null;
    this.chart = new Chart(formulas.name(graph.root));
    const hasNone = graph.parameters.length === 0;
    const disabled = hasNone ? {disabled: ""} : {};
    this.rate = element("input", {
      type: "number",
      class: "rate",
      value: 0.1,
      min: 0,
      step: "any",
      input: onRate,
      ...disabled,
    });
    this.step = element(
      "button",
      {type: "button", class: "main", click: () => this.descend(), ...disabled},
      "Step",
    );
    this.run = element(
      "button",
      {
        type: "button",
        "aria-pressed": "false",
        click: () => (this.timer ? this.stop() : this.start()),
        ...disabled,
      },
      "Run",
    );
    const reset = element("button", {type: "button", click: onReset}, "Reset all");
    this.message = element("p", {class: "hint", role: "status"}, hasNone ? NO_PARAMETERS : "");
    this.element = element(
      "section",
      {class: "descent", "aria-label": "Gradient descent"},
      element("h2", {}, "Gradient descent"),
      element(
        "div",
        {class: "controls"},
        element("label", {}, "learning rate α ", this.rate),
        this.step,
        this.run,
        reset,
      ),
      this.message,
      this.chart.element,
    );
    this.restart();
  }

  get alpha() {
    return this.rate.value === "" ? NaN : Number(this.rate.value);
  }

  // Begin the history with the cost of now.
  restart() {
    this.stop();
    this.history = [this.graph.cost];
    this.show();
  }

  descend() {
    const rate = this.alpha;
    if (!Number.isFinite(rate)) return this.halt("The learning rate is a number, such as 0.1.");
    const stuck = this.graph.parameters.some((i) => !Number.isFinite(this.graph.gradients[i]));
    if (stuck || !Number.isFinite(this.graph.cost)) return this.halt(DIVERGED);
    this.graph.descend(rate);
    this.history.push(this.graph.cost);
    this.show();
    this.onStep();
    return true;
  }

  halt(reason) {
    this.stop();
    this.message.textContent = reason;
    return false;
  }

  start() {
    if (!this.descend()) return;
    this.timer = setInterval(() => this.descend(), MILLISECONDS_PER_DESCENT);
    this.run.textContent = "Stop";
    this.run.setAttribute("aria-pressed", "true");
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
    this.run.textContent = "Run";
    this.run.setAttribute("aria-pressed", "false");
  }

  show() {
    this.chart.draw(this.history);
    if (!this.rate.disabled) {
      const steps = this.history.length - 1;
      const name = this.formulas.name(this.graph.root);
      this.message.textContent = `${name} = ${short(this.graph.cost)} after ${steps} step${steps === 1 ? "" : "s"}`;
    }
  }
}

const NO_PARAMETERS =
  "This graph has no parameters to learn. In Python, name leaves w or b, or pass parameters=[…] to explore.";
const DIVERGED =
  "Here the descent ends: a number is no longer finite. Reset, and take a smaller learning rate.";
