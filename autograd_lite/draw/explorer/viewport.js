// Zoom and pan of a picture, by wheel, mouse and fingers, and drags of what in it can be dragged.

const READABLE_SCALE = 0.55;
const LARGEST_SCALE = 4;
const LARGEST_FITTED_SCALE = 1.6;

class Viewport {
  // `plane` is the group in the svg that moves; `size` the picture's [width, height], `end` the height at
  // which it ends at the right. `onTap(target)`; `grab(target)` returns what to call with the pixels of a
  // horizontal drag, or null.
  constructor(svg, plane, size, end, {onTap, grab}) {
    Object.assign(this, {svg, plane, size, end, onTap, grab});
    this.pointers = new Map();
    this.isFitted = true;
    this.fromLeft = false;
    svg.addEventListener("wheel", (event) => this.onWheel(event), {passive: false});
    svg.addEventListener("pointerdown", (event) => this.onDown(event));
    svg.addEventListener("pointermove", (event) => this.onMove(event));
    svg.addEventListener("pointerup", (event) => this.onUp(event));
    svg.addEventListener("pointercancel", (event) => this.pointers.delete(event.pointerId));
    this.buttons = this.makeButtons();
    new ResizeObserver(() => this.isFitted && this.fit()).observe(svg.parentElement);
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

  get room() {
    const {width, height} = this.svg.getBoundingClientRect();
    return [width || 1, height || 1];
  }

  // Show the whole picture; where it would be too small to read, its right end, or its left.
  fit(smallest = READABLE_SCALE) {
    const [width, height] = this.size;
    const [w] = this.room;
    const wide = clamp(w / width, smallest, LARGEST_FITTED_SCALE);
    this.svg.style.height = `${clamp(height * wide, 170, window.innerHeight * 0.58)}px`;
    const [, h] = this.room;
    this.scale = clamp(h / height, Math.min(smallest, wide), wide);
    const [spareX, spareY] = [w - width * this.scale, h - height * this.scale];
    this.x = spareX > 0 ? spareX / 2 : this.fromLeft ? 0 : spareX;
    this.y = spareY < 0 && !this.fromLeft ? clamp(h / 2 - this.end * this.scale, spareY, 0) : spareY / 2;
    this.isFitted = true;
    this.place();
  }

  place() {
    this.plane.setAttribute("transform", `translate(${this.x} ${this.y}) scale(${this.scale})`);
  }

  zoomAtCentre(factor) {
    const [w, h] = this.room;
    this.zoom(factor, w / 2, h / 2);
  }

  zoom(factor, x, y) {
    const scale = clamp(this.scale * factor, 0.03, LARGEST_SCALE);
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.isFitted = false;
    this.place();
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.isFitted = false;
    this.place();
  }

  // Bring a box into view, and move nothing if it is there.
  reveal(box) {
    const [w, h] = this.room;
    const [x, y, width, height] = box.map((length) => length * this.scale);
    const into = (offset, start, extent, room) => {
      if (offset + start < 8) return 24 - start;
      return offset + start + extent > room - 8 ? room - 24 - extent - start : offset;
    };
    this.x = into(this.x, x, width, w);
    this.y = into(this.y, y, height, h);
    this.place();
  }

  onWheel(event) {
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

  onMove(event) {
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

function clamp(x, least, most) {
  return Math.min(Math.max(x, least), most);
}
