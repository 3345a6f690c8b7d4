// A small map of the whole picture, with what the window shows of it.

class Overview {
  constructor(viewport, boxes) {
    Object.assign(this, {viewport, boxes});
    this.canvas = element("canvas", {"aria-hidden": "true"});
    this.window = element("div", {class: "window"});
    this.element = element("div", {class: "overview", hidden: ""}, this.canvas, this.window);
    const go = (event) => {
      const {left, top} = this.element.getBoundingClientRect();
      viewport.centre((event.clientX - left) / this.scale, (event.clientY - top) / this.scale);
    };
    this.element.addEventListener("pointerdown", (event) => {
      this.element.setPointerCapture(event.pointerId);
      go(event);
    });
    this.element.addEventListener("pointermove", (event) => event.buttons && go(event));
    new ResizeObserver(() => this.view && (this.draw(this.view), this.frame())).observe(this.element);
  }

  // Each box as a spot, dark where its number has come, and the active one marked.
  draw(view) {
    const {canvas, boxes} = this;
    const [width, height] = boxes.size;
    const {clientWidth: w, clientHeight: h} = this.element;
    this.view = view;
    this.scale = Math.min(w / width, h / height);
    [canvas.width, canvas.height] = [w * devicePixelRatio, h * devicePixelRatio];
    [canvas.style.width, canvas.style.height] = [`${w}px`, `${h}px`];
    const context = canvas.getContext("2d");
    context.scale(devicePixelRatio * this.scale, devicePixelRatio * this.scale);
    // A colour of the style sheet, of the two for light and dark the one in use.
    const [faint, known, active] = ["--line", "--text", "--accent"].map((name) => {
      canvas.style.color = `var(${name})`;
      return getComputedStyle(canvas).color;
    });
    const dot = 2.5 / this.scale;
    for (const box of boxes.list) {
      context.fillStyle = box === view.active ? active : view.hasValue(box) ? known : faint;
      const size = (length) => Math.max(length, box === view.active ? 2 * dot : dot);
      context.fillRect(box.x, box.y, size(box.width), size(box.height));
    }
  }

  // Where the window is; the map hides where all is seen anyway.
  frame() {
    const [left, top, right, bottom] = this.viewport.seen;
    this.element.hidden = this.viewport.showsAll;
    if (!this.scale) return;
    const place = {left, top, width: right - left, height: bottom - top};
    for (const [name, length] of Object.entries(place)) this.window.style[name] = `${length * this.scale}px`;
  }
}
