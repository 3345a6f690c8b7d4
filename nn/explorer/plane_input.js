// Mouse, touch and keys in the plane: points are chosen, added, moved and deleted.

const LONG_PRESS = 650;

class PlaneInput {
  // `actions` are onChoose(index), onAdd(x, y), onDrag(x, y, isFirst), onDrop(), onDelete().
  constructor(plane, actions) {
    Object.assign(this, {plane, ...actions});
    this.press = null; // of a button or a finger, until it is let go
    this.listen();
  }

  listen() {
    const {svg, readout} = this.plane;
    svg.addEventListener("pointerdown", (event) => this.onDown(event));
    svg.addEventListener("pointermove", (event) => this.onMove(event));
    svg.addEventListener("pointerup", (event) => this.onUp(event));
    svg.addEventListener("pointercancel", () => this.release());
    svg.addEventListener("contextmenu", (event) => this.press && event.preventDefault());
    svg.addEventListener("pointerleave", () => (readout.textContent = "\u00a0"));
    svg.addEventListener("keydown", (event) => this.onKey(event));
  }

  onDown(event) {
    if (event.button || this.press) return;
    const mark = event.target.closest(".point");
    this.press = {mark, id: event.pointerId, x: event.clientX, y: event.clientY, hasMoved: false};
    if (!mark) return;
    event.preventDefault();
    this.plane.svg.setPointerCapture(event.pointerId);
    this.onChoose(Number(mark.dataset.index));
    this.plane.focus();
    if (event.pointerType === "touch") {
      this.press.timer = setTimeout(() => (this.release(), this.onDelete()), LONG_PRESS);
    }
  }

  onMove(event) {
    this.plane.describe(event);
    const {press} = this;
    if (!press || press.id !== event.pointerId) return;
    if (!press.hasMoved && Math.hypot(event.clientX - press.x, event.clientY - press.y) < 4) return;
    clearTimeout(press.timer);
    if (press.mark) this.onDrag(...this.plane.fromEvent(event), !press.hasMoved);
    press.hasMoved = true;
  }

  onUp(event) {
    const {press} = this;
    if (!press || press.id !== event.pointerId) return;
    this.release();
    if (press.mark && press.hasMoved) this.onDrop();
    if (!press.mark && !press.hasMoved && this.plane.isInside(event))
      this.onAdd(...this.plane.fromEvent(event));
  }

  release() {
    clearTimeout(this.press?.timer);
    this.press = null;
  }

  onKey(event) {
    const {network, view} = this.plane;
    const {point, chosen} = network;
    if (!point || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = (view.extent / 100) * (event.shiftKey ? 10 : 1);
    const move = (dx, dy) => (
      this.onDrag(...this.plane.rounded(point.x + dx * step, point.y + dy * step), !event.repeat),
      this.onDrop()
    );
    const act = {
      ArrowLeft: () => move(-1, 0),
      ArrowRight: () => move(1, 0),
      ArrowDown: () => move(0, -1),
      ArrowUp: () => move(0, 1),
      PageUp: () => this.onChoose(chosen - 1),
      PageDown: () => this.onChoose(chosen + 1),
      Home: () => this.onChoose(0),
      End: () => this.onChoose(network.points.length - 1),
      Enter: () => this.onChoose(chosen),
      " ": () => this.onChoose(chosen),
      Delete: () => this.onDelete(),
      Backspace: () => this.onDelete(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
    this.plane.focus();
  }
}
