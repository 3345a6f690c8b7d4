// Which class a network decides for by its outputs, and what it is to answer for a point of each.

class Decision {
  // `names` of the classes, null where there is a number to learn; `last` is the layer of the outputs.
  constructor(names, last, cost) {
    const endsInSigmoid = last.activation === "sigmoid";
    this.count = last.size;
    // Above it a single output means the second class.
    this.threshold = endsInSigmoid ? 0.5 : (COSTS[cost]?.threshold ?? 0);
    const low = COSTS[cost]?.low ?? (this.count === 1 && !endsInSigmoid ? -1 : 0);
    this.classes = (names ?? ["below", "above"]).map((name, k) => ({name, targets: this.answer(k, low)}));
  }

  answer(k, low) {
    if (this.count === 1) return [k ? 1 : low];
    return Array.from({length: this.count}, (_, j) => (j === k ? 1 : low));
  }

  // As nn.predict, of outputs that stand in a list from `at` on: the largest, the first of equal ones; a
  // single one above the threshold is class 1.
  classFrom(outputs, at = 0) {
    if (this.count === 1) return Number(outputs[at] > this.threshold);
    let best = 0;
    for (let k = 1; k < this.count; k++) if (outputs[at + k] > outputs[at + best]) best = k;
    return best;
  }

  // By how much each class leads: its output less the largest other; positive for one class at most.
  leads(outputs) {
    if (this.count === 1) return [this.threshold - outputs[0], outputs[0] - this.threshold];
    return Array.from(outputs, (z, k) => {
      let other = -Infinity;
      outputs.forEach((one, j) => j !== k && (other = Math.max(other, one)));
      return z - other;
    });
  }

  // The share of points that are classed rightly, by their outputs one after another.
  shareRight(points, outputs) {
    const right = points.filter(({label}, s) => this.classFrom(outputs, s * this.count) === label);
    return points.length ? right.length / points.length : NaN;
  }
}
