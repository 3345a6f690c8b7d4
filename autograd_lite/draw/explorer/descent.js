// Gradient descent in the page: one step or many, and a chart of the cost.

const MILLISECONDS_PER_DESCENT = 120;
const MOST_IN_CHART = 500;

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

// A line of the history of one number, from its start to the step of now.
class Chart {
  constructor(name) {
    this.name = name;
    this.line = drawn("polyline", {class: "line"});
    this.dot = drawn("circle", {class: "dot", r: 3.5});
    const text = (x, y, anchor) => drawn("text", {x, y, "text-anchor": anchor});
    this.top = text(78, 16, "end");
    this.bottom = text(78, 122, "end");
    this.right = text(336, 142, "end");
    this.left = text(84, 142, "start");
    this.svg = drawn(
      "svg",
      {class: "chart", viewBox: "0 0 345 150", role: "img"},
      drawn("path", {class: "axis", d: "M84 6V124H340"}),
      this.line,
      this.dot,
      this.top,
      this.bottom,
      this.left,
      this.right,
    );
    this.element = this.svg;
  }

  draw(all) {
    const steps = all.length - 1;
    const history = thinned(all);
    const finite = history.filter(Number.isFinite);
    const low = Math.min(...finite, 0);
    const high = Math.max(...finite, low);
    const x = (k) => 86 + (252 * k) / Math.max(history.length - 1, 1);
    const y = (cost) => 120 - (108 * (cost - low)) / (high - low || 1);
    const points = history.flatMap((cost, k) => (Number.isFinite(cost) ? [[x(k), y(cost)]] : []));
    this.line.setAttribute("points", points.map((p) => p.map((c) => c.toFixed(1)).join(",")).join(" "));
    const [cx, cy] = points.at(-1) ?? [-9, -9];
    this.dot.setAttribute("cx", cx);
    this.dot.setAttribute("cy", cy);
    this.top.textContent = short(high, 3);
    this.bottom.textContent = short(low, 3);
    this.left.textContent = "0";
    this.right.textContent = steps ? `step ${steps}` : "steps";
    const [first, last] = [history[0], history.at(-1)].map((cost) => short(cost));
    this.svg.setAttribute("aria-label", `${this.name} over ${steps} steps: from ${first} to ${last}`);
  }
}

// Some of many numbers, at equal distances, the first and the last among them.
function thinned(numbers) {
  const last = numbers.length - 1;
  if (last < MOST_IN_CHART) return numbers;
  return Array.from({length: MOST_IN_CHART + 1}, (_, k) => numbers[Math.round((k * last) / MOST_IN_CHART)]);
}
