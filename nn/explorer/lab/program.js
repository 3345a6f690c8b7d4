// The Python program that makes the run of this page: the same points, the same first weights, the same order
// of batches, and in the end the same numbers.

// `epochs` is how far to go; an error says why there is no such program.
function pythonProgram(network, epochs = network.epoch || 100) {
  const {settings} = network;
  const {layers, cost} = settings;
  const own = [...layers.map(({activation}) => activation), cost].find((name) => /^own/.test(name));
  if (own)
    throw new RangeError("The network has a function of your own, which this page has not as a program.");
  if (!network.learning.isFinite)
    throw new RangeError("This run has no program: it has come to no finite numbers. Reset the weights.");
  if (network.unrepeatable)
    throw new RangeError(`This run has no program: ${network.unrepeatable}. Begin anew, then train.`);
  const program = new ProgramText(network, epochs);
  return program.text();
}

class ProgramText {
  constructor(network, epochs) {
    Object.assign(this, {network, epochs, settings: network.settings});
    this.names = new Set(["MLP", "average", "fit"]); // from nn
    this.heldOut = network.learning.heldOut.length;
  }

  text() {
    const parts = [this.points(), this.features(), this.model(), this.optimizer(), this.fit(), this.result()];
    return `${[this.imports(), ...parts].filter(Boolean).join("\n\n")}\n`;
  }

  imports() {
    const {settings, names} = this;
    const sines = settings.features.some((name) => name.startsWith("sin")) ? ["from math import sin"] : [];
    const random = this.heldOut ? ["from random import Random"] : [];
    const head = [...sines, ...random];
    const data = settings.data === "own" ? [] : [`from nn.data import ${pythonName(settings.data)}`];
    const nn = `from nn import ${[...names].sort(byCase).join(", ")}`;
    return [...head, ...(head.length ? [""] : []), nn, ...data].join("\n");
  }

  // `points`, and `labels` or `Y`.
  points() {
    const {network, settings} = this;
    const {data, points, noise, dataSeed} = settings;
    const targets = network.isRegression
      ? []
      : [
          `targets = ${pythonList(network.classes.map((one) => pythonNumbers(one.targets)))}  # of each class`,
          "Y = [targets[label] for label in labels]",
        ];
    if (data === "own") {
      const rows = network.points.map(({x, y}) => pythonNumbers([x, y]));
      const last = network.points.map(({label, target}) => (network.isRegression ? target : label));
      return [
        `points = ${pythonList(rows)}`,
        network.isRegression ? `Y = ${pythonNumbers(last)}` : `labels = [${last.join(", ")}]`,
        ...targets,
      ].join("\n");
    }
    const noisy = DATASETS[data].noise === null ? "" : `, noise=${pythonNumber(noise)}`;
    const call = `${pythonName(data)}(${points}${noisy}, seed=${dataSeed})`;
    if (network.isRegression) return `points, Y = ${call}`;
    return [`data = ${call}`, "points, labels = data.inputs, data.labels", ...targets].join("\n");
  }

  features() {
    const {features} = this.settings;
    const isPlain = String(features) === "x,y";
    return isPlain
      ? "X = points"
      : `X = [[${features.map((name) => FEATURES[name].python).join(", ")}] for x, y in points]`;
  }

  model() {
    const {network, settings} = this;
    const {features, layers, bias, init, seed} = settings;
    const hidden = layers.slice(0, -1).map(({activation}) => `"${activation}"`);
    const same = new Set(hidden).size <= 1;
    const output = layers.at(-1).activation;
    const options = [
      `${features.length}`,
      `[${layers.map(({size}) => size).join(", ")}]`,
      ...(hidden.length ? [same ? hidden[0] : `[${hidden.join(", ")}]`] : []),
      ...(output === "linear" ? [] : [`output_activation="${output}"`]),
      ...(bias === "neuron" ? [] : [`bias=${bias ? `"${bias}"` : "None"}`]),
      ...(init ? [`init="${init}"`] : []),
      `seed=${seed}`,
    ];
    const made = `mlp = MLP(${options.join(", ")})`;
    const {start} = network.learning;
    const drawn = network.weightsOfSeed();
    if (start.every((w, k) => w === drawn[k])) return made;
    const numbers = pythonList([...start].map(pythonNumber));
    return [
      made,
      `start = ${numbers}`,
      "for parameter, number in zip(mlp.parameters(), start):",
      "    parameter.data = number",
    ].join("\n");
  }

  optimizer() {
    const {optimizer, rate, momentum, l1, l2} = this.settings;
    const kind = {sgd: "SGD", adam: "Adam"}[optimizer];
    this.names.add(kind);
    const more = optimizer === "sgd" && momentum ? `, momentum=${pythonNumber(momentum)}` : "";
    const of = (name) => `optimizer = ${name}(mlp.parameters(), learning_rate=${pythonNumber(rate)}${more})`;
    if (!l1 && !l2) return of(kind);
    const parts = [
      ...(l2 ? [`${pythonNumber(l2)} * w.data`] : []),
      ...(l1 ? [`${pythonNumber(l1)} * ((w.data > 0) - (w.data < 0))`] : []),
    ];
    return [
      "weights = [w for l in range(1, len(mlp.layers) + 1) for row in mlp.weights(l) for w in row]",
      "",
      "",
      `class Penalised(${kind}):`,
      `    """Takes λ₁Σ|w| + ½λ₂Σw² over the weights into the cost: its gradient is added."""`,
      "",
      "    def step(self):",
      "        for w in weights:",
      `            w.grad += ${parts.join(" + ")}`,
      "        super().step()",
      "",
      "",
      of("Penalised"),
    ].join("\n");
  }

  fit() {
    const {settings, network} = this;
    const {cost, batch, seed, schedule, every, factor, heldOut} = settings;
    this.names.add(cost);
    const schedules = {
      step: ["step_decay", `step_decay(${every}, ${pythonNumber(factor)})`],
      exponential: ["exponential_decay", `exponential_decay(${pythonNumber(factor)})`],
      cosine: ["cosine_decay", `cosine_decay(${every})`],
    };
    if (schedules[schedule]) this.names.add(schedules[schedule][0]);
    const isBatched = batch && batch < network.learning.train.length;
    const options = [
      `cost=${cost}`,
      "optimizer=optimizer",
      ...(schedules[schedule] ? [`schedule=${schedules[schedule][1]}`] : []),
      `epochs=${this.epochs}`,
      "tolerance=0",
      ...(isBatched ? [`batch_size=${batch}`] : []),
      ...(this.heldOut ? [`validation_split=${pythonNumber(heldOut)}`] : []),
      ...(isBatched || this.heldOut ? [`seed=${seed}`] : []),
      'engine="lifted"',
    ];
    const [call, indent] = ["fit(", "    "];
    return `${call}\n${indent}mlp,\n${indent}X,\n${indent}Y,\n${options.map((one) => `${indent}${one},\n`).join("")})`;
  }

  // What is shown on the page: the cost and the accuracy of now.
  result() {
    const {network, settings} = this;
    const lines = [];
    if (this.heldOut) {
      lines.push(
        `order = Random(${settings.seed}).sample(range(len(X)), len(X))  # as fit divides the points`,
        `held_out, train = order[:${this.heldOut}], order[${this.heldOut}:]`,
      );
    } else {
      lines.push("train = range(len(X))");
    }
    const cost = (part) => `float(average([${settings.cost}(mlp(X[s]), Y[s]) for s in ${part}]))`;
    const told = [`cost {cost:.4g}`];
    lines.push(`cost = ${cost("train")}`);
    if (!network.isRegression) {
      this.names.add("accuracy");
      const {threshold} = network.decision;
      const above = network.model.outputs === 1 && threshold ? `, threshold=${pythonNumber(threshold)}` : "";
      const share = "accuracy(mlp, [X[s] for s in train], [labels[s] for s in train]";
      lines.push(`right = ${share}${above})`);
      told.push("accuracy {100 * right:.3g} %");
    }
    if (this.heldOut) {
      lines.push(`test = ${cost("held_out")}`);
      told.push("cost of the points held out {test:.4g}");
    }
    lines.push(`print(f"epoch ${this.epochs}: ${told.join(", ")}")`);
    return lines.join("\n");
  }
}

function pythonName(data) {
  return data.replace("-", "_");
}

// Capitals first, as Python's imports are sorted.
function byCase(a, b) {
  const isCapital = (name) => /^[A-Z]/.test(name);
  return isCapital(b) - isCapital(a) || (a < b ? -1 : 1);
}

function pythonNumber(x) {
  const text = String(x);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function pythonNumbers(numbers) {
  return `[${numbers.map(pythonNumber).join(", ")}]`;
}

// A list over as many lines as it takes.
function pythonList(items) {
  const whole = `[${items.join(", ")}]`;
  if (whole.length < 100) return whole;
  const lines = [""];
  for (const item of items) {
    if (lines.at(-1).length + item.length > 100) lines.push("");
    lines[lines.length - 1] += `${lines.at(-1) ? " " : ""}${item},`;
  }
  return `[\n${lines.map((line) => `    ${line}\n`).join("")}]`;
}
