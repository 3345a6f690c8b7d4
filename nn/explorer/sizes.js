// How large the gradients are in each layer, over all epochs, on a scale of powers of ten: one sees them vanish.

const NAME_HEIGHT = 13;
const SIZES = {left: 56, right: 320, top: 10, bottom: 130};
// Each layer's line by its colour and by its dashes.
const DASHES = ["", "7 3", "2 3", "9 3 2 3", "4 2", "12 4", "1 4", "6 2 1 2"];

class GradientSizes {
  constructor(page) {
    this.page = page;
    const {left, right, top, bottom} = SIZES;
    this.lines = drawn("g", {class: "size-lines"});
    this.ticks = drawn("g", {});
    this.epochs = drawn("text", {x: right, y: bottom + 18, "text-anchor": "end"});
    this.svg = drawn(
      "svg",
      {class: "sizes", viewBox: "0 0 356 154", role: "img"},
      drawn("path", {class: "axis", d: `M${left} ${top - 4}V${bottom + 3}H${right}`}),
      this.ticks,
      this.lines,
      this.epochs,
    );
    this.words = element("p", {class: "hint"}, "");
    this.element = fold("Gradients by layer", "sizes", this.svg, this.words);
    this.element.addEventListener("toggle", () => this.draw());
  }

  draw() {
    if (!this.element.open) return;
    const {sizes} = this.page.network;
    const {left, right, top, bottom} = SIZES;
    const shown = thinned(sizes);
    // The logarithm of 0 is no place in the picture.
    const powers = shown[0].map((_, l) => shown.map((one) => Math.log10(one[l])));
    const finite = powers.flat().filter(Number.isFinite);
    const low = finite.length ? Math.floor(finite.reduce((a, b) => Math.min(a, b))) : -1;
    const high = Math.max(finite.length ? Math.ceil(finite.reduce((a, b) => Math.max(a, b))) : 0, low + 1);
    const x = (k) => left + ((right - left) * k) / Math.max(shown.length - 1, 1);
    const y = (power) => bottom - ((bottom - top) * (power - low)) / (high - low);
    this.ticks.replaceChildren(
      ...[low, high].map((power) => caption(left - 5, y(power) + 5, "end", `10${raised(String(power))}`)),
    );
    const lasts = powers.map((line) => line.findLastIndex(Number.isFinite));
    const heights = keptApart(lasts.map((last, l) => (last < 0 ? null : y(powers[l][last]) + 4)));
    this.lines.replaceChildren(
      ...powers.flatMap((line, l) => {
        const attributes = {
          d: lineOf(line, x, y),
          class: `class${l % 5}`,
          "stroke-dasharray": DASHES[l % DASHES.length],
        };
        const name = heights[l] === null ? [] : [caption(x(lasts[l]) + 4, heights[l], "start", `${l + 1}`)];
        return [drawn("path", attributes), ...name];
      }),
    );
    this.epochs.textContent = `epoch ${sizes.length - 1}`;
    this.tell(sizes.at(-1));
  }

  tell(now) {
    const told = now.map((size, l) => `layer ${l + 1} ${short(size, 3)}`).join(", ");
    const nothing = now.flatMap((size, l) => (size === 0 ? [l + 1] : []));
    const share = now[0] / now.at(-1);
    const verdict = nothing.length
      ? ` Where it is 0 nothing is learnt: layer ${nothing.join(", ")}.`
      : share < 0.01
        ? ` In the first layer it is ${short(1 / share, 2)} times as small as in the last: it vanishes.`
        : "";
    this.words.textContent = `Size of the gradient (root of the mean square): ${told}.${verdict}`;
    this.svg.setAttribute("aria-label", `Gradients by layer over the epochs. Now: ${told}`);
  }
}

// Heights, null where there is none, each as it is or so far down that no two are less than a line apart.
function keptApart(heights) {
  const moved = [...heights];
  const order = [...heights.keys()].filter((l) => heights[l] !== null);
  order.sort((a, b) => heights[a] - heights[b]);
  order.forEach((l, k) => k && (moved[l] = Math.max(moved[l], moved[order[k - 1]] + NAME_HEIGHT)));
  return moved;
}
