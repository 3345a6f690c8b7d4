// Numbers as Python's autograd_lite.writing writes them: four digits, a true minus sign, powers of ten.

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

// Python's f"{x:.{digits}g}" for a finite x, as [mantissa, exponent or ""].
function digitsOf(x, digits = 4) {
  if (x === 0) return [Object.is(x, -0) ? "−0" : "0", ""];
  const [mantissa, exponent] = roundedToEven(Math.abs(x), digits);
  const sign = x < 0 ? "−" : "";
  const whole = mantissa[0];
  const rest = mantissa.slice(1);
  if (exponent < -4 || exponent >= digits) {
    return [sign + point(whole, rest), String(exponent).replace("-", "−")];
  }
  if (exponent < 0) return [sign + point("0", "0".repeat(-exponent - 1) + mantissa), ""];
  return [sign + point(mantissa.slice(0, exponent + 1), mantissa.slice(exponent + 1)), ""];
}

// JavaScript rounds what lies exactly halfway up, Python to the even digit.
function roundedToEven(x, digits) {
  // Only what ends in 5 with one more digit can lie halfway; all digits, which take long, tell whether it does.
  if (scientific(x, digits + 1)[0].endsWith("5")) {
    const [all, exponent] = scientific(x, 100);
    const isHalfway = /^50*$/.test(all.slice(digits));
    if (isHalfway && Number(all[digits - 1]) % 2 === 0) return [all.slice(0, digits), exponent];
  }
  return scientific(x, digits);
}

function scientific(x, digits) {
  const [mantissa, exponent] = x.toExponential(digits - 1).split("e");
  return [mantissa.replace(".", ""), Number(exponent)];
}

function point(whole, decimals) {
  const kept = decimals.replace(/0+$/, "");
  return kept ? `${whole}.${kept}` : whole;
}

// The number as plain text.
function short(x, digits = 4) {
  if (Number.isNaN(x)) return "undefined";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  const [mantissa, exponent] = digitsOf(x, digits);
  return exponent ? `${mantissa}·10${raised(exponent)}` : mantissa;
}

function raised(text) {
  return text.replace(/\d/g, (digit) => SUPERSCRIPTS[digit]).replace("−", "⁻");
}

// The number as MathML.
function shortMath(x, digits = 4) {
  if (Number.isNaN(x)) return "<mtext>undefined</mtext>";
  if (!Number.isFinite(x)) return signed(x > 0 ? "∞" : "−∞");
  const [mantissa, exponent] = digitsOf(x, digits);
  if (!exponent) return signed(mantissa);
  return `<mrow>${signed(mantissa)}<mo>·</mo><msup><mn>10</mn>${signed(exponent)}</msup></mrow>`;
}

function signed(digits) {
  if (!digits.startsWith("−")) return `<mn>${digits}</mn>`;
  return `<mrow><mo>−</mo><mn>${digits.slice(1)}</mn></mrow>`;
}

function product(factors) {
  return factors.reduce((all, x) => all * x, 1);
}

// Whether a number stands alone in a product or under an exponent, without parentheses.
function standsAlone(x) {
  return !/^−|·/.test(short(x));
}
