// Gradient descent on all points: one step, or many at a speed; the state it has come to.

const SPEEDS_OF_TRAINING = [1, 5, 20, 60, 300];
// What a slow machine cannot do in time it need not catch up on.
const MOST_OWED = 100;
const PICTURES_PER_SECOND = matchMedia("(prefers-reduced-motion: reduce)").matches ? 2 : 30;

class Training {
  constructor(page) {
    this.page = page;
    this.chart = new Chart("Cost");
    this.rate = element("input", {type: "number", value: 0.1, min: 0, step: "any"});
    this.seed = element("input", {type: "number", value: 1, min: 0, step: 1, class: "narrow"});
    this.speed = element(
      "select",
      {},
      ...SPEEDS_OF_TRAINING.map((n) =>
        element("option", {value: n, ...(n === 20 ? {selected: ""} : {})}, `${n} a second`),
      ),
    );
    this.run = button("Run", () => (this.isRunning ? this.pause() : this.start()), {
      "aria-pressed": "false",
      class: "main",
    });
    const labelled = (words, control) => element("label", {}, `${words} `, control);
    const output = (name) => element("output", {"aria-label": name});
    [this.epoch, this.cost, this.accuracy] = ["Epoch", "Cost", "Accuracy"].map(output);
    this.element = element(
      "div",
      {class: "training", role: "group", "aria-label": "Training"},
      this.run,
      button("Step", () => (this.pause(), this.step() && this.finish())),
      labelled("speed", this.speed),
      labelled("learning rate α", this.rate),
      button("Reset weights", () =>
        this.restart("The weights are those of Python again.", () => page.network.resetWeights()),
      ),
      button("Randomise", () => this.randomise()),
      labelled("seed", this.seed),
    );
    this.state = element(
      "dl",
      {},
      ...[
        ["epoch", this.epoch],
        ["cost", this.cost],
        ["accuracy", this.accuracy],
      ].map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
    );
    this.isRunning = false;
  }

  // One step; whether there was one to make.
  step() {
    const rate = this.rate.value === "" ? NaN : Number(this.rate.value);
    if (!Number.isFinite(rate)) return this.halt("The learning rate is a number, such as 0.1.");
    if (!this.page.network.points.length) return this.halt(NO_POINTS);
    this.page.network.adjust({rate});
    if (!this.page.network.descend()) return this.halt(NOT_FINITE);
    return true;
  }

  halt(reason) {
    this.pause();
    this.page.say(reason);
    return false;
  }

  start() {
    this.isRunning = true;
    this.showRunning();
    this.page.say("Training…");
    let last = performance.now();
    let [owed, nextPicture] = [1, last];
    const tick = (now) => {
      if (!this.isRunning) return;
      requestAnimationFrame(tick);
      owed = Math.min(owed + (Math.max(now - last, 0) / 1000) * this.speed.value, MOST_OWED);
      last = now;
      if (owed < 1 || now < nextPicture) return;
      nextPicture = now + 1000 / PICTURES_PER_SECOND;
      for (
        const deadline = performance.now() + MILLISECONDS_PER_PICTURE;
        owed >= 1 && performance.now() < deadline;
        owed--
      ) {
        if (!this.step()) return;
      }
      this.page.refresh();
    };
    requestAnimationFrame(tick);
  }

  pause() {
    if (!this.isRunning) return;
    this.isRunning = false;
    this.showRunning();
    this.finish();
  }

  finish() {
    const {network} = this.page;
    this.page.refresh();
    if (!network.points.length) return this.page.say(NO_POINTS);
    if (!Number.isFinite(network.cost)) return this.page.say(NOT_FINITE);
    return this.page.say(
      `Epoch ${network.epoch}: cost ${short(network.cost)}, accuracy ${percent(network.accuracy)}.`,
    );
  }

  showRunning() {
    this.run.textContent = this.isRunning ? "Pause" : "Run";
    this.run.setAttribute("aria-pressed", this.isRunning);
  }

  restart(words, change) {
    this.pause();
    change();
    this.page.refresh();
    this.page.say(words);
  }

  randomise() {
    const seed = Math.trunc(Number(this.seed.value)) || 0;
    this.restart(`Random weights of seed ${seed}.`, () => this.page.network.randomise(seed));
    this.seed.value = seed + 1;
  }

  draw() {
    const {network} = this.page;
    this.epoch.textContent = network.epoch;
    this.cost.textContent = network.points.length ? short(network.cost) : "–";
    this.accuracy.textContent = network.points.length ? percent(network.accuracy) : "–";
    this.chart.draw(network.history);
  }
}

const NO_POINTS = "There are no points to learn from: add one.";
const NOT_FINITE = "A number is no longer finite: reset the weights, and take a smaller learning rate.";

function percent(share) {
  return `${short(100 * share, 3)} %`;
}
