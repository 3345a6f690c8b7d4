// The costs of nn/costs.py for one sample. Each puts ∂C/∂a of its n outputs, which stand in `a` from `at` on
// as the targets do in `y`, into `gradient`, and returns C.

// `low` is the target of an output that is not that of the class, null where any will do; above `threshold` a
// single output means the second class; `least` is how many outputs it needs.
const COSTS = {
  sum_squared_error: {low: null, threshold: 0, least: 1, of: squares(() => 1)},
  mean_squared_error: {low: null, threshold: 0, least: 1, of: squares((n) => 1 / n)},
  half_squared_error: {low: null, threshold: 0, least: 1, of: squares(() => 0.5)},
  hinge: {
    low: -1,
    threshold: 0,
    least: 1,
    of(a, y, at, n, gradient) {
      let cost = 0;
      for (let j = at; j < at + n; j++) {
        const margin = 1 - y[j] * a[j];
        // What is undefined stays so.
        if (!(margin <= 0)) cost += margin;
        gradient[j] = margin > 0 ? -y[j] : 0;
      }
      return cost;
    },
  },
  binary_cross_entropy: {
    low: 0,
    threshold: 0.5,
    least: 1,
    of(a, y, at, n, gradient) {
      let cost = 0;
      for (let j = at; j < at + n; j++) {
        // A term of weight 0 is left out: its logarithm may be infinite.
        if (y[j] !== 0) cost -= y[j] * Math.log(a[j]);
        if (y[j] !== 1) cost += (y[j] - 1) * Math.log1p(-a[j]);
        gradient[j] = (y[j] === 1 ? 0 : (1 - y[j]) / (1 - a[j])) - (y[j] === 0 ? 0 : y[j] / a[j]);
      }
      return cost;
    },
  },
  binary_cross_entropy_with_logits: {
    low: 0,
    threshold: 0,
    least: 1,
    of(z, y, at, n, gradient) {
      let cost = 0;
      for (let j = at; j < at + n; j++) {
        const e = Math.exp(-Math.abs(z[j]));
        const common = Math.log1p(e);
        const [up, down] = z[j] >= 0 ? [z[j] + common, common] : [common, common - z[j]];
        cost += (1 - y[j]) * up + y[j] * down;
        // σ(z) − y as a sum in which nothing cancels.
        const [sigmoid, rest] = z[j] >= 0 ? [1 / (1 + e), e / (1 + e)] : [e / (1 + e), 1 / (1 + e)];
        gradient[j] = (1 - y[j]) * sigmoid - y[j] * rest;
      }
      return cost;
    },
  },
  cross_entropy: {
    low: 0,
    threshold: 0,
    least: 2,
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

// Σ (a − y)², times a factor.
function squares(factorOf) {
  return (a, y, at, n, gradient) => {
    const factor = factorOf(n);
    let sum = 0;
    for (let j = at; j < at + n; j++) {
      const difference = a[j] - y[j];
      sum += difference * difference;
      gradient[j] = 2 * factor * difference;
    }
    return factor * sum;
  };
}
