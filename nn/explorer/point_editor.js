// The chosen point in numbers, and the class of new points.

class PointEditor {
  constructor(page) {
    const {network} = page;
    this.page = page;
    [this.newLabel, this.newTarget] = [0, 0];
    const radios = (network.isRegression ? [] : network.classes).map(({name}, k) => {
      const input = element("input", {
        type: "radio",
        name: "new-class",
        value: k,
        change: () => (this.newLabel = k),
        ...(k ? {} : {checked: ""}),
      });
      return element("label", {class: "choice"}, input, sign(k), name);
    });
    const field = (key, k) =>
      element("input", {
        type: "number",
        step: "any",
        "aria-label": `${network.features[k]} of the chosen point`,
        change: (event) => this.setPlace(key, event.target),
      });
    [this.x, this.y] = [field("x", 0), field("y", 1)];
    this.label = network.isRegression ? this.targetField() : this.labelChoice();
    this.number = element("span", {class: "number"});
    this.previous = button("◀", () => page.choose(network.chosen - 1), {
      "aria-label": "Previous point",
      class: "small",
    });
    this.next = button("▶", () => page.choose(network.chosen + 1), {
      "aria-label": "Next point",
      class: "small",
    });
    this.delete = button("Delete", () => page.remove());
    const {view} = page.plane;
    const middle = [view.x0, view.y0].map((c) => Number((c + view.extent / 2).toFixed(view.digits)));
    this.choice = element(
      "div",
      {
        class: "row new",
        role: network.isRegression ? null : "radiogroup",
        "aria-label": network.isRegression ? null : "Class of new points",
      },
      "new:",
      ...(network.isRegression ? [this.newTargetField()] : radios),
      button("Add", () => page.add(...middle), {
        title: "Add a point in the middle; or click into the plane",
        class: "small",
      }),
    );
    this.element = element(
      "div",
      {class: "editor"},
      element("div", {class: "row"}, this.previous, this.number, this.next),
      element(
        "div",
        {class: "row"},
        element("label", {}, `${network.features[0]} `, this.x),
        element("label", {}, `${network.features[1]} `, this.y),
      ),
      element("div", {class: "row"}, this.label, this.delete),
    );
  }

  labelChoice() {
    const {page} = this;
    return element(
      "select",
      {
        "aria-label": "Class of the chosen point",
        change: () => page.change({label: Number(this.label.value)}),
      },
      ...page.network.classes.map(({name}, k) => element("option", {value: k}, name)),
    );
  }

  targetField() {
    return element("input", {
      type: "number",
      step: "any",
      "aria-label": "Number to learn of the chosen point",
      change: () => this.setPlace("target", this.label),
    });
  }

  newTargetField() {
    const input = element("input", {
      type: "number",
      step: "any",
      value: 0,
      change: () => (this.newTarget = Number(input.value)),
    });
    return element("label", {class: "field"}, "number to learn", input);
  }

  // The class of a new point, and where there are none the number to learn.
  get given() {
    return this.page.network.isRegression ? [0, this.newTarget] : [this.newLabel];
  }

  setPlace(key, {value}) {
    if (value !== "" && Number.isFinite(Number(value))) this.page.change({[key]: Number(value)});
    else this.draw();
  }

  draw() {
    const {network} = this.page;
    const {point, points, chosen} = network;
    for (const control of [this.x, this.y, this.label, this.delete]) control.disabled = !point;
    this.previous.disabled = !chosen;
    this.next.disabled = chosen === null || chosen === points.length - 1;
    this.number.textContent = point ? `point ${chosen + 1} of ${points.length}` : "no points";
    if (!point) return;
    const last = network.isRegression ? point.target : point.label;
    [this.x.value, this.y.value, this.label.value] = [point.x, point.y, last];
  }
}

// A class's shape in its colour.
function sign(k) {
  return drawn(
    "svg",
    {class: "sign-of-class", viewBox: "-9 -9 18 18", "aria-hidden": "true"},
    drawn("path", {d: SHAPES[k % SHAPES.length], class: `point class${k % SHAPES.length}`}),
  );
}
