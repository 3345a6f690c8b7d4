// The regions of the plane: each class's colour and shape where the network decides for it, and the boundary.

const COARSEST = 20;
const FINEST = 96;
const MILLISECONDS_PER_PICTURE = 6;
const MILLISECONDS_AT_REST = 60;
const SIGN_PLACES = [0.08, 0.22, 0.36, 0.5, 0.64, 0.78, 0.92];

class Regions {
  // `view` is {x0, y0, extent}, the square of the plane that is shown.
  constructor(network, view) {
    Object.assign(this, {network, view});
    this.neuron = null; // [layer, place in it] of one whose activation is shown instead of the classes
    this.cells = 40;
    this.canvas = element("canvas", {class: "regions", "aria-hidden": "true"});
    this.small = document.createElement("canvas");
    const redraw = () => this.draw();
    new ResizeObserver(redraw).observe(this.canvas);
    onOtherColours(redraw);
  }

  // As fine as a picture in no visible time can be while things move; finer when they rest.
  draw() {
    clearTimeout(this.refining);
    const started = performance.now();
    this.paint(this.cells);
    const taken = Math.max(performance.now() - started, 1);
    this.canvas.dataset.milliseconds = taken.toFixed(1);
    const cellsIn = (milliseconds) => Math.round(this.cells * Math.sqrt(milliseconds / taken));
    const fine = clamp(cellsIn(MILLISECONDS_AT_REST), COARSEST, FINEST);
    this.cells = clamp(cellsIn(MILLISECONDS_PER_PICTURE), COARSEST, FINEST / 2);
    this.refining = setTimeout(() => this.paint(fine), 120);
  }

  paint(n) {
    const {network} = this;
    const rows = new Leads(network, this.view, n, this.neuron);
    const box = this.canvas.getBoundingClientRect();
    const pixels = Math.max(1, Math.round(box.width * devicePixelRatio));
    if (this.canvas.width !== pixels) this.canvas.width = this.canvas.height = pixels;
    const context = this.canvas.getContext("2d");
    context.imageSmoothingEnabled = true;
    context.drawImage(this.smooth(rows, n), 0.5, 0.5, n, n, 0, 0, pixels, pixels);
    // A number to learn has no boundary.
    if (network.isRegression && !this.neuron) return;
    this.drawBoundaries(context, rows, n, pixels);
    if (!this.neuron) this.drawSigns(context, pixels);
  }

  // One pixel for each place, in its class's colour, the stronger the clearer the lead.
  smooth(rows, n) {
    const picture = this.small;
    picture.width = picture.height = n + 1;
    const context = picture.getContext("2d");
    const image = context.createImageData(n + 1, n + 1);
    const colours = SHAPES.map((_, k) => numbersIn(this.colour(`--region${k}`)));
    const page = numbersIn(this.colour("--page"));
    for (let j = 0; j <= n; j++) {
      for (let i = 0; i <= n; i++) {
        const best = rows.classAt(i, j);
        const lead = rows.lead(i, j, best);
        const share = Number.isNaN(lead) ? 0 : this.strength(Math.max(lead, 0));
        const at = 4 * ((n - j) * (n + 1) + i);
        for (let c = 0; c < 3; c++)
          image.data[at + c] = page[c] + share * (colours[best % SHAPES.length][c] - page[c]);
        image.data[at + 3] = 255;
      }
    }
    context.putImageData(image, 0, 0);
    return picture;
  }

  // How strong the colour of a lead is.
  strength(lead) {
    const {settings, isRegression} = this.network;
    if (settings.discrete) return 1;
    return isRegression || this.neuron ? Math.tanh(lead) : 0.3 + 0.7 * Math.tanh(lead);
  }

  // Here and there the shape of the class, for eyes that cannot tell the colours apart.
  drawSigns(context, pixels) {
    const {network, view} = this;
    context.strokeStyle = this.colour("--region-sign");
    context.lineWidth = 1.2;
    const places = SIGN_PLACES.flatMap((across) => SIGN_PLACES.map((up) => [across, up]));
    const inPlane = places.map(([across, up]) => [
      view.x0 + across * view.extent,
      view.y0 + up * view.extent,
    ]);
    const outputs = network.places.outputsAtAll(inPlane);
    places.forEach(([across, up], s) => {
      const k = network.decision.classFrom(outputs, s * network.model.outputs);
      context.setTransform(pixels / 500, 0, 0, pixels / 500, across * pixels, (1 - up) * pixels);
      context.stroke(new Path2D(SHAPES[k % SHAPES.length]));
    });
    context.resetTransform();
  }

  // A colour of the style sheet, of the two for light and dark the one in use.
  colour(name) {
    this.canvas.style.color = `var(${name})`;
    return getComputedStyle(this.canvas).color;
  }

  // The line where a class begins and its lead is 0: in each cell from edge to edge, by linear interpolation.
  drawBoundaries(context, rows, n, pixels) {
    const cell = pixels / n;
    context.beginPath();
    // Of two classes, one line is that of both.
    const outlined = rows.count === 2 ? [0] : Array(rows.count).keys();
    for (const k of outlined) {
      for (let j = 0; j < n; j++) {
        for (let i = 0; i < n; i++) {
          if (rows.isAllOrNone(i, j, k)) continue;
          const corners = [
            [i, j],
            [i + 1, j],
            [i + 1, j + 1],
            [i, j + 1],
          ];
          const crossings = crossingsOf(
            corners,
            ([x, y]) => rows.classAt(x, y) === k,
            ([x, y]) => rows.lead(x, y, k),
          );
          for (let c = 0; c + 1 < crossings.length; c += 2) {
            context.moveTo(crossings[c][0] * cell, pixels - crossings[c][1] * cell);
            context.lineTo(crossings[c + 1][0] * cell, pixels - crossings[c + 1][1] * cell);
          }
        }
      }
    }
    context.strokeStyle = this.colour("--boundary");
    context.lineWidth = Math.max(1.5, pixels / 200);
    context.lineCap = "round";
    context.stroke();
  }
}

// By how much each class leads on a grid of n × n squares, and which is foremost: the first of equal ones,
// for a lead of 0 may be either side of a boundary. For a neuron the two classes are below 0 and above.
class Leads {
  constructor(network, {x0, y0, extent}, n, neuron) {
    const {outputs} = network.model;
    const places = [];
    for (let j = 0; j <= n; j++) {
      for (let i = 0; i <= n; i++) places.push([x0 + (i / n) * extent, y0 + (j / n) * extent]);
    }
    const all = network.places.outputsAtAll(places);
    this.width = n + 1;
    this.count = neuron ? 2 : Math.max(outputs, 2);
    this.leads = new Float64Array(places.length * this.count);
    this.classes = new Uint8Array(places.length);
    for (let s = 0; s < places.length; s++) {
      const activation = neuron ? network.places.activation(...neuron, s) : 0;
      const leads = neuron
        ? [-activation, activation]
        : network.decision.leads(all.subarray(s * outputs, (s + 1) * outputs));
      let best = 0;
      for (let k = 0; k < this.count; k++) {
        this.leads[s * this.count + k] = leads[k];
        if (leads[k] > leads[best]) best = k;
      }
      this.classes[s] = best;
    }
  }

  lead(i, j, k) {
    return this.leads[(j * this.width + i) * this.count + k];
  }

  classAt(i, j) {
    return this.classes[j * this.width + i];
  }

  // Whether a square has one side of a class's boundary alone.
  isAllOrNone(i, j, k) {
    const {classes, width} = this;
    const at = j * width + i;
    const inside = (place) => Number(classes[place] === k);
    return (inside(at) + inside(at + 1) + inside(at + width) + inside(at + width + 1)) % 4 === 0;
  }
}

// Where the edges of a square go into a class or out of it: where its lead is 0, if it is a number.
function crossingsOf(corners, isInside, lead) {
  return corners.flatMap((a, k) => {
    const b = corners[(k + 1) % 4];
    if (isInside(a) === isInside(b)) return [];
    const [u, v] = [lead(a), lead(b)];
    const share = Number.isFinite(u / (u - v)) ? u / (u - v) : 0.5;
    return [[a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]];
  });
}

// Act when the page is light instead of dark, or dark instead of light, by the system or by its button, which
// sets the style of the whole document.
function onOtherColours(act) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", act);
  new MutationObserver(act).observe(document.documentElement, {attributeFilter: ["style"]});
}

function numbersIn(text) {
  return text.match(/[\d.]+/g).map(Number);
}
