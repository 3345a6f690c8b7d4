// The plane: data points, each class by a shape and a colour, over the regions of the network's classes.

const PLANE = {size: 440, left: 46, top: 10, length: 384};
const SHAPES = [
  "M0-6.5A6.5 6.5 0 1 1 0 6.5A6.5 6.5 0 1 1 0-6.5Z",
  "M-6-6H6V6H-6Z",
  "M0-7.5L7 5.5H-7Z",
  "M0-8L7 0L0 8L-7 0Z",
  "M-2.5-7H2.5V-2.5H7V2.5H2.5V7H-2.5V2.5H-7V-2.5H-2.5Z",
];

class Plane {
  // `actions` are those of PlaneInput.
  constructor(network, actions) {
    this.network = network;
    this.view = {};
    this.regions = new Regions(network, this.view);
    this.axes = drawn("g", {class: "axes", "aria-hidden": "true"});
    this.marks = drawn("g", {});
    // The chosen point once more, over those that would cover it.
    this.ring = drawn("path", {"aria-hidden": "true"});
    this.svg = drawn(
      "svg",
      {
        viewBox: `0 0 ${PLANE.size} ${PLANE.size}`,
        role: "group",
        "aria-label": "Data points in the plane",
        "aria-describedby": "plane-help",
      },
      this.axes,
      this.marks,
      this.ring,
    );
    this.readout = element("p", {class: "readout"}, "\u00a0");
    this.element = element("div", {class: "plane"}, this.regions.canvas, this.svg);
    this.input = new PlaneInput(this, actions);
  }

  toPixels(x, y) {
    const {left, top, length} = PLANE;
    const {x0, y0, extent} = this.view;
    return [left + (length * (x - x0)) / extent, top + length - (length * (y - y0)) / extent];
  }

  // The place under the mouse, kept inside the plane and rounded to what the picture can show.
  fromEvent({clientX, clientY}) {
    const box = this.svg.getBoundingClientRect();
    const scale = PLANE.size / box.width;
    const {x0, y0, extent, digits} = this.view;
    const across = clamp(((clientX - box.left) * scale - PLANE.left) / PLANE.length, 0, 1);
    const up = clamp(1 - ((clientY - box.top) * scale - PLANE.top) / PLANE.length, 0, 1);
    return [x0 + across * extent, y0 + up * extent].map((c) => Number(c.toFixed(digits)));
  }

  // Show the part of the plane in which the points are.
  fit() {
    Object.assign(this.view, viewOf(this.network.points));
    this.drawAxes();
  }

  drawAxes() {
    const {x0, y0, extent} = this.view;
    const {left, top, length} = PLANE;
    const {features} = this.network;
    const frame = drawn("rect", {class: "frame", x: left, y: top, width: length, height: length});
    const parts = [frame];
    for (const t of ticks(x0, x0 + extent)) {
      const [x] = this.toPixels(t, 0);
      parts.push(
        drawn("path", {class: "tick", d: `M${x} ${top + length}v5`}),
        caption(x, top + length + 20, "middle", short(t)),
      );
    }
    for (const t of ticks(y0, y0 + extent)) {
      const [, y] = this.toPixels(0, t);
      parts.push(
        drawn("path", {class: "tick", d: `M${left} ${y}h-5`}),
        caption(left - 8, y + 5, "end", short(t)),
      );
    }
    parts.push(caption(left + length, PLANE.size - 6, "end", features[0]));
    const above = caption(0, 0, "end", features[1]);
    above.setAttribute("transform", `translate(12 ${top}) rotate(-90)`);
    this.axes.replaceChildren(...parts, above);
  }

  // `shares` are those of points in a gradient, by their numbers, if they are to be shown.
  drawPoints(shares = null) {
    const {points, chosen, learning, isRegression} = this.network;
    const heldOut = new Set(learning.heldOut.map(({number}) => number));
    const largest = shares ? Math.max(...[...shares.values()].map(Math.abs), Number.MIN_VALUE) : 1;
    while (this.marks.children.length > points.length) this.marks.lastChild.remove();
    while (this.marks.children.length < points.length) this.marks.append(drawn("path", {role: "button"}));
    points.forEach((point, i) => {
      const mark = this.marks.children[i];
      const [x, y] = this.toPixels(point.x, point.y);
      const isChosen = i === chosen;
      const share = shares ? (shares.get(point.number) ?? 0) / largest : 0;
      const scale = (shares ? 0.6 + 0.7 * Math.abs(share) || 1 : 1) * (isChosen ? 1.6 : 1);
      const fill = shares ? share : isRegression ? Math.tanh(point.target) : null;
      const attributes = {
        d: SHAPES[point.label % SHAPES.length],
        class: [
          `point class${point.label % SHAPES.length}`,
          ...(heldOut.has(point.number) ? ["held-out"] : []),
          ...(fill === null ? [] : ["valued"]),
        ].join(" "),
        style: fill === null ? "" : `--fill: ${between(fill)}`,
        transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})${scale === 1 ? "" : ` scale(${scale.toFixed(2)})`}`,
        tabindex: isChosen ? 0 : -1,
        "data-index": i,
        "aria-pressed": isChosen,
        "aria-label": `${this.spoken(point, i)}`,
      };
      for (const [name, value] of Object.entries(attributes)) {
        if (mark.getAttribute(name) !== String(value)) mark.setAttribute(name, value);
      }
    });
    const mark = this.marks.children[chosen];
    for (const name of ["d", "transform", "style"])
      this.ring.setAttribute(name, mark?.getAttribute(name) ?? "");
    this.ring.setAttribute("class", `${mark?.getAttribute("class") ?? ""} ring`);
  }

  spoken({x, y, label, target}, i) {
    const {features, classes, points, isRegression} = this.network;
    const place = `${features[0]} ${short(x)}, ${features[1]} ${short(y)}`;
    const what = isRegression ? `to learn ${short(target)}` : `class ${classes[label].name}`;
    return `Point ${i + 1} of ${points.length}, ${what}, ${place}`;
  }

  focus() {
    this.marks.querySelector('[aria-pressed="true"]')?.focus();
  }

  isInside({clientX, clientY}) {
    const {left, right, top, bottom} = this.regions.canvas.getBoundingClientRect();
    return clientX >= left && clientX <= right && clientY >= top && clientY <= bottom;
  }

  // What the network says where the mouse is.
  describe(event) {
    if (!this.isInside(event)) return;
    const {network} = this;
    const [x, y] = this.fromEvent(event);
    const outputs = network.outputsAt(x, y);
    const name = network.isRegression ? "" : `${network.classes[network.classFrom(outputs)].name}; `;
    const [first, second] = network.features;
    const told = outputs.map((z) => short(z, 3)).join(", ");
    const place = `${first} = ${short(x, 3)}, ${second} = ${short(y, 3)}`;
    this.readout.textContent = `${place}: ${name}output ${told}`;
  }

  rounded(x, y) {
    return [x, y].map((c) => Number(c.toFixed(this.view.digits)));
  }

  // Changes of a point that keep it in the plane.
  kept(changes) {
    const {x0, y0, extent} = this.view;
    const {x, y, ...others} = changes;
    if (x !== undefined) others.x = clamp(x, x0, x0 + extent);
    if (y !== undefined) others.y = clamp(y, y0, y0 + extent);
    return others;
  }
}

// A colour for a number from −1 to 1: blue, pale, orange.
function between(x) {
  const share = Number.isFinite(x) ? Math.round(100 * Math.abs(x)) : 0;
  return `color-mix(in srgb, var(--class${x < 0 ? 0 : 1}) ${share}%, var(--node))`;
}

// A square with all the points and some room around, and how many decimals tell its places apart.
function viewOf(points) {
  if (!points.length) return {x0: -1, y0: -1, extent: 2, digits: 2};
  const range = (key) => [Math.min(...points.map((p) => p[key])), Math.max(...points.map((p) => p[key]))];
  const [[left, right], [low, high]] = [range("x"), range("y")];
  const extent = 1.3 * Math.max(right - left, high - low) || 2;
  const digits = Math.min(Math.max(2 - Math.floor(Math.log10(extent)), 0), 20);
  return {x0: (left + right - extent) / 2, y0: (low + high - extent) / 2, extent, digits};
}

// Round numbers between two, four to nine of them.
function ticks(low, high) {
  const power = 10 ** Math.floor(Math.log10((high - low) / 4));
  const step = power * [5, 2, 1].find((unit) => unit * power * 4 <= high - low);
  const first = Math.ceil(low / step);
  return Array.from({length: Math.floor(high / step) - first + 1}, (_, k) =>
    Number(((first + k) * step).toPrecision(12)),
  );
}

function caption(x, y, anchor, words) {
  return drawn("text", {x, y, "text-anchor": anchor}, words);
}
