// Which points there are: a data set and how it is drawn, points of one's own, and how many are held out.

class DataControls {
  constructor(page) {
    this.page = page;
    this.fields = new Fields(page);
    this.sets = element(
      "select",
      {"aria-label": "Data", change: () => this.choose(this.sets.value)},
      ...Object.keys(DATASETS).map((name) => element("option", {value: name}, name.replace("-", " "))),
      element("option", {value: "own"}, "own points"),
    );
    const {fields} = this;
    this.own = new OwnPoints(page);
    this.sets.dataset.part = "data-controls";
    this.element = fold(
      "Noise, number, held out",
      "data-controls",
      row(
        fields.number("points", "points"),
        fields.number("noise", "noise", {title: "The standard deviation of what is added to a point"}),
        fields.number("dataSeed", "seed of the data"),
      ),
      row(
        fields.number("heldOut", "share held out", {
          title: "Points that are not learnt from, such as 0.2 for a fifth; they are drawn hollow",
        }),
      ),
    );
  }

  // Another data set comes with its usual number of points and noise.
  choose(data) {
    if (data === "own") return this.page.set({data});
    const {points, noise} = DATASETS[data];
    return this.page.set({data, points, noise: noise ?? this.page.network.settings.noise});
  }

  show() {
    const {data} = this.page.network.settings;
    this.sets.value = data;
    const isDrawn = data !== "own";
    this.fields.show(
      (name) =>
        (name !== "heldOut" && !isDrawn) || (name === "noise" && isDrawn && DATASETS[data].noise === null),
    );
    this.own.show();
  }
}

// Points as text, pasted or from a file: x, y and the class, or a number to learn, in each line.
class OwnPoints {
  constructor(page) {
    this.page = page;
    this.text = element("textarea", {
      rows: 5,
      "aria-label": "Points, one a line: x, y, class",
      placeholder: "x, y, class\n0.5, 1, red\n-1, 0.3, blue",
      spellcheck: "false",
    });
    this.file = element("input", {
      type: "file",
      accept: ".csv,.tsv,.txt,text/csv,text/plain",
      change: () => this.open(),
    });
    this.kind = element(
      "select",
      {},
      element("option", {value: "class"}, "a class"),
      element("option", {value: "number"}, "a number to learn"),
    );
    this.more = button("Add a class", () => this.addClass(), {class: "small"});
    this.element = fold(
      "Points of your own",
      "own-points",
      element("p", {class: "hint"}, "One point a line: x, y, and its class or a number to learn."),
      this.text,
      row(
        element("label", {class: "field"}, "the last is", this.kind),
        button("Take these", () => this.take()),
      ),
      row(element("label", {class: "field"}, "or a CSV file", this.file)),
      row(
        this.more,
        button("Write the points here", () => this.write(), {class: "small"}),
      ),
    );
  }

  async open() {
    const [file] = this.file.files;
    if (!file) return;
    this.text.value = await file.text();
    this.file.value = "";
    this.take();
  }

  take() {
    try {
      const {points, classNames} = pointsOfTable(this.text.value, this.kind.value === "number");
      this.page.reshape(
        (network) => network.give(points, classNames),
        `There are ${points.length} points of your own${classNames ? `, of ${classNames.length} classes` : ""}.`,
      );
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.page.say(`The points are as before: ${error.message}.`);
    }
  }

  // The points that there are, as text to go on from.
  write() {
    const {network} = this.page;
    this.kind.value = network.isRegression ? "number" : "class";
    const last = ({label, target}) => (network.isRegression ? target : cell(network.classes[label].name));
    const lines = network.points.map((point) => [point.x, point.y, last(point)].join(", "));
    this.text.value = [`x, y, ${network.isRegression ? "number" : "class"}`, ...lines].join("\n");
  }

  addClass() {
    const {points, classNames} = this.page.network;
    const given = points.map(({x, y, label}) => [x, y, label]);
    this.page.reshape(
      (network) => network.give(given, [...classNames, `class ${classNames.length}`]),
      `There are ${classNames.length + 1} classes: choose one below the plane and click to add points of it.`,
    );
  }

  show() {
    const {isRegression, classes} = this.page.network;
    this.more.disabled = isRegression || classes.length >= LIMITS.classes;
  }
}

function cell(text) {
  return /[,;\t"\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
