// Python's arithmetic of floats in JavaScript, for the rules below: where Python raises an error, NaN.

// A result that is not finite though all operands are: Python raises an error for it.
function defined(result, ...operands) {
  return Number.isFinite(result) || !operands.every(Number.isFinite) ? result : NaN;
}

const {abs, sqrt, cbrt, sin, cos, tan, asin, acos, atan, atan2, tanh, asinh} = Math;
const acosh = Math.acosh;
const atanh = (x) => defined(Math.atanh(x), x);
const exp2 = (x) => defined(2 ** x, x);
const log2 = (x) => defined(Math.log2(x), x);
const log10 = (x) => defined(Math.log10(x), x);
const degrees = (x) => x * (180 / Math.PI);
const radians = (x) => x * (Math.PI / 180);
const rint = (x) => (Math.round(x) - x === 0.5 && Math.round(x) % 2 ? Math.round(x) - 1 : Math.round(x));
const largest = Math.max;
const fmod = (x, y) => x % y;
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

// Python's x % y, which has the sign of y.
function mod(x, y) {
  const rest = x % y;
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
}

// --- the gamma function and its kin, as in numbers/special.py ---

// B₂ⱼ/(2j)! for j = 1, 2, …, with Bernoulli's numbers B.
const BERNOULLI = [1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000,
  1 / 74724249600, -3617 / 10670622842880000, 43867 / 5109094217170944000, -174611 / 802857662698291200000];
const isPole = (x) => x <= 0 && x === Math.floor(x);
const isOrder = (n) => n >= 0 && n <= 170 && n === Math.floor(n);
const factorial = (n) => (n < 2 ? 1 : n * factorial(n - 1));

// n and z with x = n + 2 + z and −½ ≤ z ≤ ½.
function stepsToTwo(x) {
  const n = Math.floor(x - 1.5);
  return [n, x - (n + 2)];
}

// Γ(x), by Γ(x) = (x − 1)·Γ(x − 1) from its Taylor series at 2.
function gamma(x) {
  if (isPole(x) || x > 180) return x === Infinity ? x : NaN;
  if (x < -184) return 0;
  const [n, z] = stepsToTwo(x);
  const nearTwo = Math.exp(logGammaAtTwo(z));
  const factors = Array.from({length: Math.abs(n) || 0}, (_, k) => (n > 0 ? x - k - 1 : x + k));
  const scale = Math.abs(x) > 100 ? 2 ** 200 : 1;
  const product = productOf(1 / scale, factors);
  return defined(n >= 0 ? product * nearTwo * scale : nearTwo / product / scale, x);
}

// ln|Γ(x)|
function lgamma(x) {
  if (isPole(x)) return x === -Infinity ? Infinity : NaN;
  if (x < 0) return -2 * Math.log(-x) - Math.log(Math.abs(sinc(x))) - lgamma(-x);
  if (x < 12) {
    const [n, z] = x >= 1.25 && x < 1.5 ? [0, x - 2] : stepsToTwo(x);
    if (n < 0) return logGammaAtTwo(z) - Math.log(n === -1 ? x : x * (1 + x));
    const factors = Array.from({length: n}, (_, k) => x - k - 1);
    return logGammaAtTwo(z) + Math.log(productOf(1, factors));
  }
  if (x === Infinity || Number.isNaN(x)) return x;
  let rest = 0;  // Stirling's series
  for (let j = 7; j >= 0; j--) rest += (BERNOULLI[j] * factorial(2 * j)) / x ** (2 * j + 1);
  return defined((x - 0.5) * (Math.log(x) - 1) + (Math.log(2 * Math.PI) / 2 - 0.5 + rest), x);
}

// ψ(x), the derivative of ln Γ(x): from its asymptotic series at x ≥ 12.
function digamma(x) {
  if (isPole(x)) return NaN;
  if (x < 0) return digamma(1 - x) - Math.PI / tanpi(x);
  if (x === Infinity || Number.isNaN(x)) return x;
  const n = Math.max(0, Math.ceil(12 - x));
  const w = x + n;
  const terms = [Math.log(w), -0.5 / w];
  for (let j = 0; j < 8; j++) terms.push((-BERNOULLI[j] * factorial(2 * j + 1)) / w ** (2 * j + 2));
  for (let k = 0; k < n; k++) terms.push(-1 / (x + k));
  return terms.includes(-Infinity) ? -Infinity : fsum(...terms);
}

// The derivative of order n of ψ.
function polygamma(n, x) {
  if (!isOrder(n) || isPole(x)) return NaN;
  if (n === 0) return digamma(x);
  const sign = n % 2 ? 1 : -1;
  if (!(x < 0)) return sign * factorial(n) * hurwitz(n + 1, x);
  // The reflection has the derivative of π cot πx, a polynomial in c = cot πx: c′ = −π(1 + c²).
  const c = 1 / tanpi(x);
  let cotangents = [0, 1];
  for (let i = 0; i < n; i++) {
    const slopes = cotangents.map((a, k) => k * a).slice(1);
    cotangents = [...slopes, 0, 0].map((a, k) => a + (k > 1 ? slopes[k - 2] : 0));
  }
  const byC = cotangents.reduceRight((sum, a) => sum * c + a, 0);
  return -sign * polygamma(n, 1 - x) + sign * Math.PI ** (n + 1) * byC;
}

// Σ 1/(x + k)ˢ over k = 0, 1, 2, …, by the sum formula of Euler and Maclaurin.
function hurwitz(s, x) {
  const n = x < Infinity ? Math.max(0, Math.ceil(12 + s - x)) : 0;
  const w = x + n;
  const terms = [w ** (1 - s) / (s - 1), w ** -s / 2];
  let rising = s;
  BERNOULLI.forEach((c, j) => {
    terms.push(c * rising * w ** (-s - 2 * j - 1));
    rising *= (s + 2 * j + 1) * (s + 2 * j + 2);
  });
  for (let k = 0; k < n; k++) terms.push((x + k) ** -s);
  return terms.includes(Infinity) ? Infinity : fsum(...terms);
}

// ln Γ(2 + z) by its Taylor series, for |z| ≤ ¾.
let taylorAtTwo;
function logGammaAtTwo(z) {
  taylorAtTwo ??= Array.from({length: 39}, (_, i) => hurwitz(i + 2, 2) / (i + 2));
  return z * (1 - 0.5772156649015329 + z * taylorAtTwo.reduceRight((total, c) => total * -z + c, 0));
}

// A product, rounded once: the rounding of each step goes along (Dekker).
function productOf(start, factors) {
  let [high, low] = [start, 0];
  for (const factor of factors) {
    const product = high * factor;
    const [[a, b], [c, d]] = [split(high), split(factor)];
    low = low * factor + (a * c - product + a * d + b * c + b * d);
    high = product;
  }
  return high + low;
}

function split(x) {
  const c = 134217729 * x;
  const high = c - (c - x);
  return [high, x - high];
}

// --- functions of π times x ---

function sinpi(x) {
  x %= 2;
  if (Math.abs(x) > 1) x -= 2 * Math.sign(x);
  const size = Math.abs(x);
  if (size > 0.75) return Math.sin(Math.PI * (Math.sign(x) - x));
  return size > 0.25 ? Math.sign(x) * Math.cos(Math.PI * (size - 0.5)) : Math.sin(Math.PI * x);
}

function cospi(x) {
  x = Math.abs(x) % 2;
  if (x > 1) x = 2 - x;
  if (Math.abs(x - 0.5) <= 0.25) return Math.sin(Math.PI * (0.5 - x));
  return x < 0.5 ? Math.cos(Math.PI * x) : -Math.cos(Math.PI * (1 - x));
}

const tanpi = (x) => (cospi(x) === 0 ? Infinity : sinpi(x) / cospi(x));
const sinc = (x) => (x === 0 ? 1 : sinpi(x) / (Math.PI * x));

// The spherical Bessel function jₙ at πx.
function bessel(n, x) {
  const t = Math.PI * Math.abs(x);
  if (!isOrder(n)) return NaN;
  if (t === Infinity) return 0;
  let result;
  if (t > n + 0.5) {
    let below = cospi(x) / t;
    result = sinc(x);
    for (let k = 0; k < n; k++) [below, result] = [result, ((2 * k + 1) / t) * result - below];
  } else {
    let term = 1;
    for (let k = 1; k <= n; k++) term *= t / (2 * k + 1);
    result = term;
    for (let k = 1; k < 30 + n; k++) {
      term *= (-t * t) / (2 * k * (2 * (n + k) + 1));
      result += term;
    }
  }
  return x < 0 && n % 2 ? -result : result;
}
