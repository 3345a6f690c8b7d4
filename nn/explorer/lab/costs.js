// The costs of nn/costs.py for one sample. Each puts ∂C/∂a of its n outputs, which stand in `a` from `at` on
// as the targets do in `y`, into `gradient`, and returns C.

// `low` is the target of an output that is not that of the class, null where any will do; above `threshold` a
// single output means the second class.
const COSTS = {
  sum_squared_error: {low: null, threshold: 0, of: squares(() => 1)},
  mean_squared_error: {low: null, threshold: 0, of: squares((n) => 1 / n)},
  half_squared_error: {low: null, threshold: 0, of: squares(() => 0.5)},
  hinge: {
    low: -1,
    threshold: 0,
    of: sumOver(
      (a, y) => {
        const margin = 1 - y * a;
        // What is undefined stays so.
        return margin <= 0 ? 0 : margin;
      },
      (a, y) => (1 - y * a > 0 ? -y : 0),
    ),
  },
  binary_cross_entropy: {
    low: 0,
    threshold: 0.5,
    // A term of weight 0 is left out: its logarithm may be infinite.
    of: sumOver(
      (a, y) => (y === 1 ? 0 : (y - 1) * Math.log1p(-a)) - (y === 0 ? 0 : y * Math.log(a)),
      (a, y) => (y === 1 ? 0 : (1 - y) / (1 - a)) - (y === 0 ? 0 : y / a),
    ),
  },
  binary_cross_entropy_with_logits: {
    low: 0,
    threshold: 0,
    of: sumOver(
      (z, y) => {
        const common = Math.log1p(Math.exp(-Math.abs(z)));
        return (1 - y) * (common + Math.max(z, 0)) + y * (common + Math.max(-z, 0));
      },
      // σ(z) − y as a sum in which nothing cancels.
      (z, y) => {
        const e = Math.exp(-Math.abs(z));
        const [sigmoid, rest] = z >= 0 ? [1, e] : [e, 1];
        return ((1 - y) * sigmoid - y * rest) / (1 + e);
      },
    ),
  },
  cross_entropy: {
    low: 0,
    threshold: 0,
    of(z, y, at, n, gradient) {
      let top = at;
      for (let j = at + 1; j < at + n; j++) if (z[j] > z[top]) top = j;
      let others = 0;
      for (let j = at; j < at + n; j++) others += j === top ? 0 : Math.exp(z[j] - z[top]);
      const excess = Math.log1p(others);
      let [cost, weight] = [0, 0];
      for (let j = at; j < at + n; j++) {
        if (y[j] !== 0) cost += y[j] * (excess + (z[top] - z[j]));
        weight += y[j];
      }
      for (let j = at; j < at + n; j++) {
        const share = j === top ? 1 / (1 + others) : Math.exp(z[j] - z[top]) / (1 + others);
        // 1 − p of the class that leads is the share of the others.
        gradient[j] =
          j === top && y[j] === weight ? (-weight * others) / (1 + others) : weight * share - y[j];
      }
      return cost;
    },
  },
};

// A cost that is a sum over outputs: of each with its target the term, and its derivative.
function sumOver(term, slope) {
  return (a, y, at, n, gradient) => {
    let cost = 0;
    for (let j = at; j < at + n; j++) {
      cost += term(a[j], y[j]);
      gradient[j] = slope(a[j], y[j]);
    }
    return cost;
  };
}

// Σ (a − y)², times a factor.
function squares(factorOf) {
  const sum = sumOver(
    (a, y) => (a - y) * (a - y),
    (a, y) => 2 * (a - y),
  );
  return (a, y, at, n, gradient) => {
    const factor = factorOf(n);
    const cost = factor * sum(a, y, at, n, gradient);
    for (let j = at; j < at + n; j++) gradient[j] *= factor;
    return cost;
  };
}
