// Gradient descent on all points: one step, or many at a speed; the state it has come to.

const SPEEDS_OF_TRAINING = [1, 5, 20, 60, 300, Infinity];
// What a slow machine cannot do in time it need not catch up on.
const MOST_OWED = 100;
const PICTURES_PER_SECOND = matchMedia("(prefers-reduced-motion: reduce)").matches ? 2 : 60;
// Of the time between two pictures, what is for steps.
const MILLISECONDS_OF_STEPS = 8;
const SECONDS_OF_PACE = 0.5;

class Training {
  constructor(page) {
    this.page = page;
    this.chart = new Chart("Cost");
    this.rate = element("input", {
      type: "number",
      min: 0,
      step: "any",
      change: () => this.takeRate() && page.refresh(),
    });
    this.seed = element("input", {type: "number", min: 0, step: 1, class: "narrow"});
    this.speed = element(
      "select",
      {},
      ...SPEEDS_OF_TRAINING.map((n) =>
        element(
          "option",
          {value: n, ...(n === 20 ? {selected: ""} : {})},
          n === Infinity ? "as fast as it can" : `${n} a second`,
        ),
      ),
    );
    this.run = button("Run", () => (this.isRunning ? this.pause() : this.start()), {
      "aria-pressed": "false",
      class: "main",
    });
    const labelled = (words, control) => element("label", {}, `${words} `, control);
    const output = (name) => element("output", {"aria-label": name});
    [this.epoch, this.cost, this.accuracy, this.pace] = ["Epoch", "Cost", "Accuracy", "Pace"].map(output);
    [this.heldOutCost, this.heldOutAccuracy] = ["Cost held out", "Accuracy held out"].map(output);
    this.element = element(
      "div",
      {class: "training", role: "group", "aria-label": "Training"},
      this.run,
      button("Step", () => (this.pause(), this.step() && this.finish())),
      labelled("speed", this.speed),
      labelled("learning rate α", this.rate),
      button("Reset weights", () => this.reset()),
      button("Randomise", () => this.randomise()),
      labelled("seed", this.seed),
    );
    const told = (names) =>
      element(
        "dl",
        {},
        ...names.map(([name, value]) =>
          element("div", {}, element("dt", {}, name), element("dd", {}, value)),
        ),
      );
    this.ofHeldOut = told([
      ["cost held out", this.heldOutCost],
      ["accuracy held out", this.heldOutAccuracy],
    ]);
    this.state = element(
      "div",
      {},
      told([
        ["epoch", this.epoch],
        ["cost", this.cost],
        ["accuracy", this.accuracy],
        ["epochs/s", this.pace],
      ]),
      this.ofHeldOut,
    );
    this.isRunning = false;
    this.pace.textContent = "–";
  }

  // One step; whether there was one to make.
  step() {
    if (!this.takeRate()) return false;
    const {network} = this.page;
    return network.descend() || this.halt(network.warning);
  }

  // The learning rate as it is typed; whether it is one.
  takeRate() {
    const rate = this.rate.value === "" ? NaN : Number(this.rate.value);
    if (!Number.isFinite(rate)) return this.halt("The learning rate is a number, such as 0.1.");
    if (!(rate > 0)) return this.halt("The learning rate is a number above 0, such as 0.1.");
    const {network} = this.page;
    if (rate !== network.settings.rate) network.set({rate});
    return true;
  }

  // The controls as the settings have them; a seed that is meant for the next weights stays.
  show() {
    const {rate, seed} = this.page.network.settings;
    if (Number(this.rate.value) !== rate) this.rate.value = rate;
    if (this.seedOfNow !== seed) this.seed.value = seed;
    this.seedOfNow = seed;
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
    this.beginPace(last);
    const tick = (now) => {
      if (!this.isRunning) return;
      requestAnimationFrame(tick);
      const speed = Number(this.speed.value);
      owed =
        speed === Infinity ? speed : Math.min(owed + (Math.max(now - last, 0) / 1000) * speed, MOST_OWED);
      last = now;
      this.tellPace(now);
      if (owed < 1 || now < nextPicture) return;
      // A screen is never quite on time: a few milliseconds early is on time.
      nextPicture = now + 1000 / PICTURES_PER_SECOND - 4;
      for (
        const deadline = performance.now() + MILLISECONDS_OF_STEPS;
        owed >= 1 && performance.now() < deadline;
        owed--
      ) {
        if (!this.step()) return;
      }
      this.page.follow();
    };
    requestAnimationFrame(tick);
  }

  // How many epochs there are in a second, as they are and not as they are asked for.
  beginPace(now) {
    this.paceFrom = {now, epoch: this.page.network.epoch};
  }

  tellPace(now) {
    const seconds = (now - this.paceFrom.now) / 1000;
    if (seconds < SECONDS_OF_PACE) return;
    this.pace.textContent = short((this.page.network.epoch - this.paceFrom.epoch) / seconds, 3);
    this.beginPace(now);
  }

  pause() {
    if (!this.isRunning) return;
    this.isRunning = false;
    this.pace.textContent = "–";
    this.showRunning();
    this.finish();
  }

  finish() {
    const {network} = this.page;
    this.page.refresh();
    const {epoch, cost, accuracy, warning, isRegression} = network;
    const right = isRegression ? "" : `, accuracy ${percent(accuracy)}`;
    const isKnown = network.points.length && network.learning.isFinite;
    const told = isKnown ? [`Epoch ${epoch}: cost ${short(cost)}${right}.`] : [];
    return this.page.say([...told, ...(warning ? [warning] : [])].join(" "));
  }

  showRunning() {
    this.run.textContent = this.isRunning ? "Pause" : "Run";
    this.run.setAttribute("aria-pressed", this.isRunning);
  }

  reset() {
    const {network} = this.page;
    this.restart("", () => network.resetWeights());
    const whose = network.hasGivenShape
      ? "those that the page began with"
      : `those of seed ${network.settings.seed}`;
    this.page.say(`The weights are ${whose}.`);
  }

  restart(words, change) {
    this.pause();
    this.page.network.rememberAll();
    change();
    this.page.refresh();
    this.page.say(words);
  }

  randomise() {
    const seed = clamp(Math.trunc(Number(this.seed.value)) || 0, 0, 2 ** 32 - 1);
    this.restart(`Random weights of seed ${seed}.`, () => this.page.network.randomise(seed));
    [this.seedOfNow, this.seed.value] = [seed, seed + 1];
  }

  draw() {
    const {network} = this.page;
    this.epoch.textContent = network.epoch;
    this.cost.textContent = network.points.length ? short(network.cost) : "–";
    const shown = (share) => (Number.isNaN(share) ? "–" : percent(share));
    this.accuracy.textContent = shown(network.accuracy);
    const isDivided = network.learning.heldOut.length > 0;
    this.ofHeldOut.hidden = !isDivided;
    if (isDivided) {
      this.heldOutCost.textContent = short(network.heldOutCost);
      this.heldOutAccuracy.textContent = shown(network.heldOutAccuracy);
    }
    this.chart.draw(network.history, network.learning.heldOut.length ? network.heldOutHistory : []);
  }
}

function percent(share) {
  return `${short(100 * share, 3)} %`;
}
