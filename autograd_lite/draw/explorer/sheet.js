// What is told beside the drawing; on a narrow screen a sheet below it, which one pulls.

const SHEET_HEIGHTS = [0.18, 0.38, 0.8];

class Sheet {
  constructor(content) {
    this.handle = element("button", {
      type: "button",
      class: "handle-of-sheet",
      "aria-label": "Height of the sheet",
      click: () => this.onClick(),
      keydown: (event) => this.onKey(event),
    });
    this.element = element("div", {class: "sheet"}, this.handle, content);
    this.handle.addEventListener("pointerdown", (event) => this.onDown(event));
    this.handle.addEventListener("pointermove", (event) => this.onMove(event));
    this.set(SHEET_HEIGHTS[1]);
  }

  set(share) {
    this.share = clamp(share, SHEET_HEIGHTS[0], SHEET_HEIGHTS.at(-1));
    this.element.style.setProperty("--share", this.share.toFixed(3));
  }

  // To the next height, or back to the least; not where a pull ends.
  onClick() {
    if (!this.hasMoved)
      this.set(SHEET_HEIGHTS.find((share) => share > this.share + 0.01) ?? SHEET_HEIGHTS[0]);
    this.hasMoved = false;
  }

  onDown(event) {
    this.handle.setPointerCapture(event.pointerId);
    Object.assign(this, {startY: event.clientY, startShare: this.share, hasMoved: false});
  }

  onMove(event) {
    if (!event.buttons) return;
    const moved = this.startY - event.clientY;
    if (Math.abs(moved) > 4) this.hasMoved = true;
    if (this.hasMoved) this.set(this.startShare + moved / window.innerHeight);
  }

  onKey(event) {
    const step = {ArrowUp: 0.1, ArrowDown: -0.1}[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    this.set(this.share + step);
  }
}
