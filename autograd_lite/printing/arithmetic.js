// Python's arithmetic of floats in JavaScript, for the rules below: where Python raises an error, NaN.

// A result that is not finite though all operands are: Python raises an error for it.
function defined(result, ...operands) {
  return Number.isFinite(result) || !operands.every(Number.isFinite) ? result : NaN;
}

const {abs, sqrt, sin, cos, tan, asin, acos, atan, atan2, tanh} = Math;
const exp = (x) => defined(Math.exp(x), x);
const expm1 = (x) => defined(Math.expm1(x), x);
const log = (x) => defined(Math.log(x), x);
const log1p = (x) => defined(Math.log1p(x), x);
const sinh = (x) => defined(Math.sinh(x), x);
const cosh = (x) => defined(Math.cosh(x), x);
const div = (x, y) => (y === 0 ? NaN : x / y);

function pow(x, y) {
  // Python takes 1 for these whatever the other operand is.
  return x === 1 || (x === -1 && !Number.isFinite(y) && !Number.isNaN(y)) ? 1 : Math.pow(x, y);
}
const pole = (x, y) => x === 0 && y < 0 && Number.isFinite(y);
const overflow = (z, x, y) => Math.abs(z) === Infinity && Number.isFinite(x) && Number.isFinite(y);

// The length of a vector, scaled by its largest entry so that squares neither overflow nor vanish.
function hypot(...xs) {
  const largest = Math.max(...xs.map(Math.abs));
  if (largest === 0 || !Number.isFinite(largest)) return Math.hypot(...xs);
  const scale = 2 ** Math.max(-1022, Math.floor(Math.log2(largest)));
  return scale * Math.sqrt(fsum(...xs.map((x) => (x / scale) ** 2)));
}

// The sum of many, rounded once: partial sums whose digits do not overlap hold it exactly (Shewchuk).
function fsum(...xs) {
  const partials = [];
  for (let x of xs) {
    let kept = 0;
    for (let y of partials) {
      if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
      const high = x + y;
      const low = y - (high - x);
      if (low) partials[kept++] = low;
      x = high;
    }
    partials.length = kept;
    partials.push(x);
  }
  let sum = partials.pop() ?? 0;
  while (partials.length) {
    const x = sum;
    const y = partials.pop();
    sum = x + y;
    const rest = y - (sum - x);
    if (!rest) continue;
    // Halfway between two floats, what lies below decides.
    const below = partials.length ? partials[partials.length - 1] : 0;
    if ((rest < 0 && below < 0) || (rest > 0 && below > 0)) {
      const doubled = 2 * rest;
      const candidate = sum + doubled;
      if (candidate - sum === doubled) sum = candidate;
    }
    break;
  }
  return defined(sum, ...xs);
}

// e^(−x²): the rounding of x² would cost x² units in the last place, so x is split in two of half the digits.
function expOfMinusSquare(x) {
  const c = 134217729 * x;
  const high = c - (c - x);
  return Math.exp(-high * high) * Math.exp(-(x - high) * (x + high));
}

// erf x = (2/√π) e^(−x²) Σ 2ⁿ x²ⁿ⁺¹ / (1·3·5···(2n+1)), all terms of one sign.
function erf(x) {
  if (Math.abs(x) >= 1) return x > 0 ? 1 - erfc(x) : erfc(-x) - 1;
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * expOfMinusSquare(x) * sum;
}

// erfc x = e^(−x²)/√π · 1/(x + (1/2)/(x + (2/2)/(x + (3/2)/(x + …)))), from the innermost fraction outwards.
function erfc(x) {
  if (x < 1) return Number.isNaN(x) ? x : x <= -1 ? 2 - erfc(-x) : 1 - erf(x);
  if (x > 27.3) return 0;
  let fraction = x;
  for (let n = Math.ceil(10 + 220 / (x * x)); n > 0; n--) fraction = x + n / 2 / fraction;
  return expOfMinusSquare(x) / Math.sqrt(Math.PI) / fraction;
}
