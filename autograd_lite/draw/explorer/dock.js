// What a step is about and does not fit into the window: by name and number at its sides, operands at the left.

const NARROW = 600; // where a name with its numbers takes two lines
const EDGES = 6; // of a button and the gap below it

class Dock {
  constructor(graph, formulas, onSelect) {
    Object.assign(this, {graph, formulas, onSelect});
    this.sides = ["left", "right"].map((side) => element("div", {class: `dock ${side}`}));
  }

  // Show what is near the active box of a view and not within what is seen, as far as a window has room.
  show({near, active, ...view}, seen, room) {
    const out = [...near].filter((box) => box !== active && !isWithin(box, seen));
    const most = out.length ? this.mostIn(room) : 0;
    const [before, after] = [-1, 1].map((side) => out.filter(({at}) => side * (at - active.at) > 0));
    this.fill(this.sides[0], before, most, view);
    this.fill(this.sides[1], after, most, view);
  }

  mostIn([width, height]) {
    const letters = parseFloat(getComputedStyle(this.sides[0]).fontSize);
    const lines = width < NARROW ? 2 : 1;
    return Math.max(Math.floor(height / ((1.2 * lines + 0.4) * letters + EDGES)) - 1, 1);
  }

  fill(side, boxes, most, view) {
    const words = boxes.map((box) => this.briefly(box, view));
    const key = [most, ...boxes.map((box, k) => box.key + words[k])].join();
    if (side.dataset.key === key) return;
    side.dataset.key = key;
    const shown = boxes.slice(0, boxes.length > most ? most - 1 : most);
    const rest = boxes.length - shown.length;
    side.replaceChildren(
      ...shown.map((box, k) =>
        element("button", {type: "button", tabindex: -1, click: () => this.onSelect(box)}, words[k]),
      ),
      ...(rest ? [element("span", {}, `and ${rest} more`)] : []),
    );
  }

  // What its box says.
  briefly(box, view) {
    const {graph, formulas} = this;
    const {value, gradient} = numbersOf(box, view, graph);
    if (box.node !== null && !graph.nodes[box.node].symbol) return value;
    const numbers = gradient ? `${value}, ${gradient}` : value;
    return `${formulas.boxName(box)}${box.node === null ? ":" : " ="} ${numbers}`;
  }
}
