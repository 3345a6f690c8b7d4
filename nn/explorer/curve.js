// The cost along the chosen weight: all others as they are, with the tangent at it and the step that α makes.

const CURVE = {left: 86, right: 350, top: 10, bottom: 150, points: 61};
// Of the time while the network learns, what is for curves: one part in so many.
const SHARE_OF_CURVES = 8;

class WeightCurve {
  constructor(page) {
    this.page = page;
    [this.line, this.tangent, this.step] = ["cost-line", "tangent", "alpha-step"].map((name) =>
      drawn("path", {class: name}),
    );
    this.here = drawn("circle", {class: "here", r: 4.5});
    this.there = drawn("circle", {class: "there", r: 4.5});
    const text = (x, y, anchor) => drawn("text", {x, y, "text-anchor": anchor});
    const {left, right, top, bottom} = CURVE;
    this.high = text(left - 5, top + 8, "end");
    this.low = text(left - 5, bottom, "end");
    this.from = text(left, bottom + 18, "start");
    this.to = text(right, bottom + 18, "end");
    const frame = drawn("clipPath", {id: "curve-frame"});
    frame.append(drawn("rect", {x: left, y: top - 6, width: right - left, height: bottom - top + 12}));
    const inside = drawn("g", {"clip-path": "url(#curve-frame)"}, this.tangent, this.line, this.step);
    this.svg = drawn(
      "svg",
      {class: "curve", viewBox: "0 0 356 174", role: "img"},
      frame,
      drawn("path", {class: "axis", d: `M${left} ${top - 4}V${bottom + 3}H${right}`}),
      inside,
      this.here,
      this.there,
      ...[this.high, this.low, this.from, this.to],
    );
    this.words = element("p", {class: "hint"}, "");
    this.element = fold("Cost along this weight", "curve", this.svg, this.words);
    this.element.addEventListener("toggle", () => this.draw());
    this.next = 0;
  }

  draw() {
    if (!this.element.open) return;
    clearTimeout(this.waiting);
    const start = performance.now();
    if (this.page.training.isRunning && start < this.next) {
      this.waiting = setTimeout(() => this.draw(), 200);
      return;
    }
    this.paint();
    this.next = start + SHARE_OF_CURVES * (performance.now() - start);
  }

  paint() {
    const {network, selected, formulas} = this.page;
    const {rate} = network.learning;
    const weight = network.sample.values[selected];
    const [slope, cost] = [network.gradient(selected), network.cost];
    const target = weight - rate * slope;
    const isKnown = [weight, slope, cost].every(Number.isFinite);
    this.svg.style.display = isKnown ? "" : "none";
    if (!isKnown) {
      this.words.textContent = "There is no curve: the cost or its gradient is no finite number.";
      return;
    }
    // As far as the step leads, and at least 1 to either side.
    const reach = Math.max(1, Number.isFinite(target) ? 1.15 * Math.abs(target - weight) : 1);
    const numbers = Array.from(
      {length: CURVE.points},
      (_, i) => weight + reach * ((2 * i) / (CURVE.points - 1) - 1),
    );
    const costs = network.costsWith(selected, numbers);
    const [after] = network.costsWith(selected, [target]);
    const finite = [...costs, cost, after].filter(Number.isFinite);
    const [low, high] = [Math.min(...finite), Math.max(...finite)];
    const x = (w) => CURVE.left + (CURVE.right - CURVE.left) * ((w - numbers[0]) / (2 * reach));
    // By halves: the difference of two floats may be larger than the largest.
    const range = high / 2 - low / 2 || 1;
    const y = (c) => CURVE.bottom - (CURVE.bottom - CURVE.top) * ((c / 2 - low / 2) / range);
    this.line.setAttribute(
      "d",
      lineOf(costs, (i) => x(numbers[i]), y),
    );
    const [left, right] = [numbers[0], numbers.at(-1)].map((w) => y(cost + slope * (w - weight)));
    const bounded = (pixels) => clamp(pixels, -1e5, 1e5).toFixed(1);
    this.tangent.setAttribute("d", `M${CURVE.left} ${bounded(left)}L${CURVE.right} ${bounded(right)}`);
    place(this.here, x(weight), y(cost));
    place(this.there, x(target), y(after));
    const isThere = Number.isFinite(y(after)) && Number.isFinite(x(target));
    this.step.setAttribute(
      "d",
      isThere
        ? `M${x(weight).toFixed(1)} ${y(cost).toFixed(1)}H${x(target).toFixed(1)}V${y(after).toFixed(1)}`
        : "",
    );
    [this.high.textContent, this.low.textContent] = [short(high, 3), short(low, 3)];
    [this.from.textContent, this.to.textContent] = [short(numbers[0], 3), short(numbers.at(-1), 3)];
    this.tell(formulas.name(selected), {weight, slope, cost, target, after, rate});
  }

  tell(name, {weight, slope, cost, target, after, rate}) {
    const sign = slope < 0 ? "+" : "−";
    const {optimizer, momentum, l1, l2} = this.page.network.settings;
    const isPlain = optimizer === "sgd" && !momentum && !l1 && !l2;
    const isTooLong = !(after <= cost);
    const told = [
      `The slope of the tangent is ${short(slope)}.`,
      `This weight alone would go to ${short(weight)} ${sign} ${short(rate)} · ${short(Math.abs(slope))} = ` +
        `${short(target)}.`,
      Number.isFinite(after)
        ? `The cost would change by ${short(after - cost)}, to ${short(after)}; by the tangent it would be ` +
          `${short(0 - rate * slope * slope)}.`
        : "The cost would be no finite number.",
      isTooLong ? "The step is too long for this weight." : "",
      isPlain ? "" : "As this network learns, the step is another than α times the slope.",
    ]
      .filter(Boolean)
      .join(" ");
    this.words.textContent = told;
    this.svg.setAttribute("aria-label", `Cost along ${name}, which is ${short(weight)} now. ${told}`);
  }
}

function place(circle, x, y) {
  const isSeen = Number.isFinite(x) && Number.isFinite(y);
  circle.setAttribute("cx", isSeen ? x.toFixed(1) : -9);
  circle.setAttribute("cy", isSeen ? y.toFixed(1) : -9);
}
