// What a window shows of a picture: it follows the walk, and moves by mouse, fingers and buttons.

const LARGEST_SCALE = 4;
const LARGEST_FITTED_SCALE = 1.8;
// Letters are at least this share of the window's height, so that the last row of a lecture hall reads them.
const LETTER_SHARE = 1 / 40;
const LETTER = 16; // the smallest in a picture, in its own pixels

class Viewport {
  // `plane` is the group in the svg that moves. `onTap(target)`; `grab(target)` returns what to call with the
  // pixels of a horizontal drag, or null; `onMove()` when something else is seen.
  constructor(svg, plane, {onTap, grab, onMove}) {
    Object.assign(this, {svg, plane, onTap, grab, onMove});
    this.pointers = new Map();
    this.isFitted = true;
    this.size = [1, 1];
    this.letterShare = LETTER_SHARE;
    svg.addEventListener("wheel", (event) => this.onWheel(event), {passive: false});
    svg.addEventListener("pointerdown", (event) => this.onDown(event));
    svg.addEventListener("pointermove", (event) => this.onDrag(event));
    svg.addEventListener("pointerup", (event) => this.onUp(event));
    svg.addEventListener("pointercancel", (event) => this.pointers.delete(event.pointerId));
    this.buttons = this.makeButtons();
    new ResizeObserver(() => (this.measure(), this.isFitted ? this.fit() : this.place())).observe(svg);
    this.measure();
  }

  setSize(size) {
    this.size = size;
    if (this.isFitted) this.fit();
  }

  makeButtons() {
    const button = (text, label, click) =>
      element("button", {type: "button", "aria-label": label, title: label, click}, text);
    return element(
      "div",
      {class: "zoom", role: "group", "aria-label": "Zoom"},
      button("+", "Zoom in", () => this.zoomAtCentre(1.3)),
      button("−", "Zoom out", () => this.zoomAtCentre(1 / 1.3)),
      button("⤢", "Fit the whole graph", () => this.fit(0)),
    );
  }

  measure() {
    const {width, height} = this.svg.getBoundingClientRect();
    this.room = [width || 1, height || 1];
    // On a printed page the picture is as wide as the page.
    this.svg.setAttribute("viewBox", `0 0 ${this.room.join(" ")}`);
  }

  // The scale at which letters can be read from afar.
  get readable() {
    return (window.innerHeight * this.letterShare) / LETTER;
  }

  // The part of the picture that is seen: left, top, right, bottom.
  get seen() {
    const [w, h] = this.room;
    const [left, top] = [-this.x / this.scale, -this.y / this.scale];
    return [left, top, left + w / this.scale, top + h / this.scale];
  }

  get showsAll() {
    const [width, height] = this.size;
    return isWithin({x: 0, y: 0, width, height}, this.seen);
  }

  // Show the whole picture; where it would be too small to read, its start.
  fit(smallest = this.readable) {
    const [width, height] = this.size;
    const [w, h] = this.room;
    const whole = Math.min(w / width, h / height);
    this.scale = clamp(whole, Math.min(smallest, LARGEST_FITTED_SCALE), LARGEST_FITTED_SCALE);
    const [spareX, spareY] = [w - width * this.scale, h - height * this.scale];
    this.x = Math.max(spareX / 2, 0);
    this.y = spareY / 2;
    this.isFitted = true;
    this.place();
  }

  place() {
    this.plane.setAttribute("transform", `translate(${this.x} ${this.y}) scale(${this.scale})`);
    this.onMove();
  }

  moveTo(x, y, scale = this.scale) {
    Object.assign(this, {x, y, scale, isFitted: false});
    this.place();
  }

  centre(x, y) {
    const [w, h] = this.room;
    this.moveTo(w / 2 - x * this.scale, h / 2 - y * this.scale);
  }

  zoomAtCentre(factor) {
    const [w, h] = this.room;
    this.zoom(factor, w / 2, h / 2);
  }

  zoom(factor, x, y) {
    const scale = clamp(this.scale * factor, 0.03, LARGEST_SCALE);
    const offset = (at, start) => at - ((at - start) * scale) / this.scale;
    this.moveTo(offset(x, this.x), offset(y, this.y), scale);
  }

  pan(dx, dy) {
    this.moveTo(this.x + dx, this.y + dy);
  }

  // Bring boxes into view, the first of them in any case, large enough to be read; move nothing if they are.
  follow(boxes) {
    this.scale = Math.max(this.scale, this.readable);
    const [w, h] = this.room;
    const [across, down] = [
      boxes.map(({x, width}) => [x, x + width]),
      boxes.map(({y, height}) => [y, y + height]),
    ];
    this.moveTo(this.along(w, across, this.x), this.along(h, down, this.y));
  }

  // The offset at which spans are in a window of this length: all if they fit, else those close to the first.
  along(length, spans, offset) {
    const room = (length - 2 * EDGE) / this.scale;
    let [low, high] = spans[0];
    const others = spans.slice(1).sort((a, b) => distance(a, spans[0]) - distance(b, spans[0]));
    for (const [start, end] of others) {
      if (Math.max(high, end) - Math.min(low, start) > room) break;
      [low, high] = [Math.min(low, start), Math.max(high, end)];
    }
    const [least, most] = [EDGE - low * this.scale, length - EDGE - high * this.scale];
    return least <= most ? clamp(offset, least, most) : (least + most) / 2;
  }

  // --- mouse and fingers ------------------------------------------------------------------------------

  // The wheel scrolls the page; with Ctrl, or as a pinch on a touch pad, it zooms.
  onWheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const {left, top} = this.svg.getBoundingClientRect();
    this.zoom(2 ** (-event.deltaY / 300), event.clientX - left, event.clientY - top);
  }

  onDown(event) {
    if (event.button) return;
    const {clientX: x, clientY: y, target, pointerId} = event;
    this.pointers.set(pointerId, {x, y, startX: x, target, drag: this.grab(target), hasMoved: false});
    this.svg.setPointerCapture(pointerId);
  }

  onDrag(event) {
    const pointer = this.pointers.get(event.pointerId);
    if (!pointer) return;
    const [dx, dy] = [event.clientX - pointer.x, event.clientY - pointer.y];
    if (!pointer.hasMoved && Math.hypot(dx, dy) < 4) return;
    pointer.hasMoved = true;
    if (this.pointers.size === 2) this.pinch(event, pointer, dx, dy);
    else if (pointer.drag) pointer.drag(event.clientX - pointer.startX);
    else this.pan(dx, dy);
    [pointer.x, pointer.y] = [event.clientX, event.clientY];
  }

  // Two fingers: the picture grows with their distance and follows their middle.
  pinch(event, pointer, dx, dy) {
    const other = [...this.pointers.values()].find((p) => p !== pointer);
    const {left, top} = this.svg.getBoundingClientRect();
    const before = Math.hypot(pointer.x - other.x, pointer.y - other.y);
    const after = Math.hypot(event.clientX - other.x, event.clientY - other.y);
    const [x, y] = [(event.clientX + other.x) / 2 - left, (event.clientY + other.y) / 2 - top];
    this.pan(dx / 2, dy / 2);
    if (before) this.zoom(after / before, x, y);
  }

  onUp(event) {
    const pointer = this.pointers.get(event.pointerId);
    this.pointers.delete(event.pointerId);
    if (pointer && !pointer.hasMoved) this.onTap(pointer.target);
  }
}

const EDGE = 18;

function distance([start, end], [low, high]) {
  return Math.abs(start + end - low - high);
}

function clamp(x, least, most) {
  return Math.min(Math.max(x, least), most);
}
