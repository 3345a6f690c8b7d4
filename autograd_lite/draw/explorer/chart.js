// A line of the history of one number, from its start to the step of now, and of a second one beside it.

const MOST_IN_CHART = 500;
const CHART = {left: 86, width: 252, bottom: 120, height: 108};

class Chart {
  constructor(name) {
    this.name = name;
    this.line = drawn("path", {class: "line"});
    this.second = drawn("path", {class: "second"});
    this.dot = drawn("circle", {class: "dot", r: 3.5});
    const text = (x, y, anchor) => drawn("text", {x, y, "text-anchor": anchor});
    this.top = text(78, 16, "end");
    this.bottom = text(78, 122, "end");
    this.right = text(336, 142, "end");
    this.left = text(84, 142, "start");
    this.svg = drawn(
      "svg",
      {class: "chart", viewBox: "0 0 345 150", role: "img"},
      drawn("path", {class: "axis", d: "M84 6V124H340"}),
      this.second,
      this.line,
      this.dot,
      this.top,
      this.bottom,
      this.left,
      this.right,
    );
    this.element = this.svg;
  }

  // The history so far; `others` is that of a second number, of the same length, or nothing.
  draw(all, others = []) {
    const steps = Math.max(all.length - 1, 0);
    const [history, second] = [thinned(all), thinned(others)];
    const finite = [...history, ...second].filter(Number.isFinite);
    const low = Math.min(...finite, 0);
    const high = Math.max(...finite, low);
    const x = (k) => CHART.left + (CHART.width * k) / Math.max(history.length - 1, 1);
    // By halves: the difference of two floats may be larger than the largest.
    const range = high / 2 - low / 2 || 1;
    const y = (number) => CHART.bottom - CHART.height * ((number / 2 - low / 2) / range);
    this.line.setAttribute("d", lineOf(history, x, y));
    this.second.setAttribute("d", lineOf(second, x, y));
    const last = history.findLastIndex(Number.isFinite);
    this.dot.setAttribute("cx", last < 0 ? -9 : x(last));
    this.dot.setAttribute("cy", last < 0 ? -9 : y(history[last]));
    this.top.textContent = finite.length ? short(high, 3) : "";
    this.bottom.textContent = finite.length ? short(low, 3) : "";
    this.left.textContent = "0";
    this.right.textContent = steps ? `step ${steps}` : "steps";
    this.svg.setAttribute("aria-label", this.told(all, steps));
  }

  told(all, steps) {
    if (!all.some(Number.isFinite)) return `${this.name}: there is nothing to show`;
    const [first, last] = [all[0], all.at(-1)].map((number) => short(number));
    const lost = all.findIndex((number) => !Number.isFinite(number));
    const words = `${this.name} over ${steps} step${steps === 1 ? "" : "s"}: from ${first} to ${last}`;
    return lost < 0 ? words : `${words}; from step ${lost} on it is no longer a finite number`;
  }
}

// A line through the finite numbers, broken where others stand between them.
function lineOf(numbers, x, y) {
  let isBroken = true;
  return numbers
    .map((number, k) => {
      if (!Number.isFinite(number)) {
        isBroken = true;
        return "";
      }
      const start = isBroken ? "M" : "L";
      isBroken = false;
      return `${start}${x(k).toFixed(1)} ${y(number).toFixed(1)}`;
    })
    .join("");
}

// Some of many numbers, at equal distances, the first and the last among them.
function thinned(numbers) {
  const last = numbers.length - 1;
  if (last < MOST_IN_CHART) return numbers;
  return Array.from({length: MOST_IN_CHART + 1}, (_, k) => numbers[Math.round((k * last) / MOST_IN_CHART)]);
}
