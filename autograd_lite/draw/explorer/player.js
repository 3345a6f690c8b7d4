// The controls that play the steps: to the start, back, play or pause, forward, to the end, position, speed.

const ICONS = {
  layerBack: "M13 5l-7 7 7 7zM20 5l-7 7 7 7z",
  layerForward: "M4 5l7 7-7 7zM11 5l7 7-7 7z",
  start: "M6 5v14M19 5l-10 7 10 7z",
  back: "M17 5l-10 7 10 7z",
  play: "M7 4l13 8-13 8z",
  pause: "M8 5v14M16 5v14",
  forward: "M7 5l10 7-10 7z",
  end: "M18 5v14M5 5l10 7-10 7z",
};
const SPEEDS = [0.5, 1, 2, 4, 8];
const MILLISECONDS_PER_STEP = 1200;

class Player {
  // It stands at `position` of 0 … `last`; `stops` are those at which a walk by whole layers rests;
  // `onMove(isWhole)` is called whenever it moves, by a whole layer or not.
  constructor(position, {last, stops}, onMove) {
    Object.assign(this, {last, stops, onMove});
    this.position = position;
    this.timer = null;
    this.toggle = this.button("play", "Play", "space", () => (this.timer ? this.pause() : this.play()));
    this.slider = element("input", {
      type: "range",
      min: 0,
      max: last,
      value: position,
      "aria-label": "Step",
      input: () => this.goByHand(+this.slider.value),
    });
    this.speed = element(
      "select",
      {"aria-label": "Speed", change: () => this.timer && this.play()},
      ...SPEEDS.map((x) => element("option", {value: x, ...(x === 1 ? {selected: ""} : {})}, `${x}×`)),
    );
    this.element = element(
      "div",
      {class: "player", role: "group", "aria-label": "Steps"},
      this.button("start", "To the start", "Home", () => this.goByHand(0)),
      this.button("layerBack", "Back by a layer", "Shift ←", () => this.goByLayer(-1)),
      this.button("back", "Step back", "←", () => this.goByHand(this.position - 1)),
      this.toggle,
      this.button("forward", "Step forward", "→", () => this.goByHand(this.position + 1)),
      this.button("layerForward", "Forward by a layer", "Shift →", () => this.goByLayer(1)),
      this.button("end", "To the end", "End", () => this.goByHand(this.last)),
      this.slider,
      element("label", {}, element("span", {class: "wide"}, "Speed "), this.speed),
    );
    // A player that has left the page hears no keys.
    const onKey = (event) =>
      this.element.isConnected ? this.onKey(event) : document.removeEventListener("keydown", onKey);
    document.addEventListener("keydown", onKey);
  }

  button(icon, label, key, click) {
    const path = drawn("path", {d: ICONS[icon]});
    const picture = drawn("svg", {viewBox: "0 0 24 24", "aria-hidden": "true"}, path);
    return element(
      "button",
      {type: "button", class: icon, "aria-label": label, title: `${label} (${key})`, click},
      picture,
    );
  }

  goByHand(position) {
    this.pause();
    this.go(position);
  }

  // To the next stop, or back to the last one.
  goByLayer(direction) {
    const stop =
      direction > 0
        ? this.stops.find((k) => k > this.position)
        : this.stops.findLast((k) => k < this.position);
    this.pause();
    this.go(stop ?? this.position, true);
  }

  go(position, isWhole = false) {
    this.position = Math.min(Math.max(position, 0), this.last);
    this.slider.max = this.last;
    this.slider.value = this.position;
    this.slider.setAttribute("aria-valuetext", `step ${this.position} of ${this.last}`);
    this.onMove(isWhole);
  }

  play() {
    this.stopTimer();
    if (this.position === this.last) this.go(0);
    this.timer = setInterval(() => {
      this.go(this.position + 1);
      if (this.position === this.last) this.pause();
    }, MILLISECONDS_PER_STEP / this.speed.value);
    this.show("pause", "Pause");
  }

  pause() {
    this.stopTimer();
    this.show("play", "Play");
  }

  stopTimer() {
    clearInterval(this.timer);
    this.timer = null;
  }

  show(icon, label) {
    this.toggle.setAttribute("aria-label", label);
    this.toggle.title = `${label} (space)`;
    this.toggle.querySelector("path").setAttribute("d", ICONS[icon]);
  }

  // Keys work everywhere but where they have a meaning of their own.
  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea")) return;
    if (event.key === " " && event.target.closest("button, summary")) return;
    const act = {
      " ": () => this.toggle.click(),
      ArrowLeft: () => (event.shiftKey ? this.goByLayer(-1) : this.goByHand(this.position - 1)),
      ArrowRight: () => (event.shiftKey ? this.goByLayer(1) : this.goByHand(this.position + 1)),
      Home: () => this.goByHand(0),
      End: () => this.goByHand(this.last),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}
