// What each neuron has learnt: a small picture inside it of its activation over the plane, orange where positive, blue
// where negative, as pale as it is small.

const PICTURE_CELLS = 20;

class NeuronPictures {
  // `view` is {x0, y0, extent}, the square of the plane that is shown; `places` are [x, y, radius] of each
  // neuron in a drawing of `size`, layer by layer, the inputs first.
  constructor(network, view, places, size) {
    Object.assign(this, {network, view, places, size});
    this.canvas = element("canvas", {class: "neuron-pictures", "aria-hidden": "true"});
    this.sheet = element("canvas", {width: PICTURE_CELLS * places.length, height: PICTURE_CELLS});
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  draw() {
    const {canvas, network, size} = this;
    canvas.hidden = !network.settings.pictures;
    const box = canvas.getBoundingClientRect();
    if (canvas.hidden || !box.width) return;
    const [width, height] = [box.width, box.height].map((length) => Math.round(length * devicePixelRatio));
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    this.fillSheet();
    // As an SVG fits its viewBox into its frame.
    const scale = Math.min(width / size[0], height / size[1]);
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, width, height);
    context.translate((width - scale * size[0]) / 2, (height - scale * size[1]) / 2);
    context.scale(scale, scale);
    const n = PICTURE_CELLS;
    this.places.forEach(([x, y, radius], i) => {
      context.save();
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.clip();
      context.drawImage(this.sheet, i * n, 0, n, n, x - radius, y - radius, 2 * radius, 2 * radius);
      context.restore();
    });
    context.resetTransform();
  }

  // All pictures side by side, a pixel for each place.
  fillSheet() {
    const {network, places} = this;
    const n = PICTURE_CELLS;
    network.places.outputsAtAll(this.grid());
    const context = this.sheet.getContext("2d");
    const image = context.createImageData(n * places.length, n);
    const [positive, negative, none] = ["--positive", "--negative", "--node"].map((name) =>
      this.colour(name),
    );
    for (let s = 0; s < n * n; s++) {
      // A row of the sheet has a row of each picture in it.
      let at = 4 * (Math.floor(s / n) * n * places.length + (s % n));
      network.layers.forEach((layer, l) =>
        layer.forEach((_, j) => {
          const value = network.places.activation(l, j, s);
          const share = Math.tanh(Math.abs(value)) || 0;
          const colour = value < 0 ? negative : positive;
          for (let c = 0; c < 3; c++) image.data[at + c] = none[c] + share * (colour[c] - none[c]);
          image.data[at + 3] = 255;
          at += 4 * n;
        }),
      );
    }
    context.putImageData(image, 0, 0);
  }

  // The middles of the cells, row by row from the top.
  grid() {
    const {x0, y0, extent} = this.view;
    const n = PICTURE_CELLS;
    return Array.from({length: n * n}, (_, s) => [
      x0 + (extent * ((s % n) + 0.5)) / n,
      y0 + extent * (1 - (Math.floor(s / n) + 0.5) / n),
    ]);
  }

  colour(name) {
    this.canvas.style.color = `var(${name})`;
    return numbersIn(getComputedStyle(this.canvas).color);
  }
}
