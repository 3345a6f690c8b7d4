// What a student does with a graph beside looking: one exercise or experiment at a time.

class Practice {
  // `exercises` are {name, element, update()}, and what begins and ends them, start() and stop(), if need be.
  constructor(exercises) {
    this.exercises = exercises;
    this.current = null;
    this.choice = element(
      "select",
      {"aria-label": "Exercise", change: () => this.choose(exercises[this.choice.value] ?? null)},
      element("option", {value: ""}, "choose…"),
      ...exercises.map(({name}, k) => element("option", {value: k}, name)),
    );
    this.body = element("div", {});
    this.element = element(
      "section",
      {class: "practice", "aria-label": "Practice"},
      element("h2", {}, "Practice ", this.choice),
      this.body,
    );
  }

  choose(exercise) {
    this.current?.stop?.();
    this.current = exercise;
    this.choice.value = exercise ? this.exercises.indexOf(exercise) : "";
    this.body.replaceChildren(...(exercise ? [exercise.element] : []));
    exercise?.start?.();
    exercise?.update();
  }

  // The numbers, the step or the chosen node have changed.
  update() {
    this.current?.update();
  }
}

// The number that a student has typed: with a comma or a point, a true minus sign or a hyphen, or a fraction.
function typedNumber(text) {
  const [number, divisor = "1", ...rest] = text.trim().replace(/−/g, "-").replace(/,/g, ".").split("/");
  const isNumber = (part) => part.trim() !== "" && Number.isFinite(Number(part));
  return rest.length || !isNumber(number) || !isNumber(divisor) ? NaN : Number(number) / Number(divisor);
}

// Whether a typed number is right: to three digits, as one reckons by hand.
function isClose(x, y) {
  return x === y || Math.abs(x - y) <= 0.005 * Math.abs(y);
}
