// What a step is about and does not fit into the window: by name and number at its sides, operands at the left.

const NARROW = 600; // where a name with its numbers takes two lines
const WIDTH_OF_LETTER = 0.62; // as a share of its size
const EDGES = 8; // of a button and the gap beside it

class Dock {
  constructor(graph, formulas, onSelect) {
    Object.assign(this, {graph, formulas, onSelect});
    this.sides = ["left", "right"].map((side) => element("div", {class: `dock ${side}`}));
  }

  // Show what is near the active box of a view and not within what is seen, as far as a window has room.
  show({near, active, ...view}, seen, room) {
    const out = [...near].filter((box) => box !== active && !isWithin(box, seen));
    this.sides.forEach((side, k) => {
      const boxes = out.filter(({at}) => (k ? at > active.at : at < active.at));
      const words = boxes.map((box) => this.briefly(box, view));
      const [most, isLow] = boxes.length
        ? this.roomFor(words, k, inWindow(active, seen, room), room)
        : [0, false];
      side.classList.toggle("low", isLow);
      this.fill(side, boxes, words, most);
    });
  }

  // For how many of some words side k has room without covering a frame, and whether that is below the frame.
  roomFor(words, k, {left, top, right, bottom}, [width, height]) {
    const letters = parseFloat(getComputedStyle(this.sides[k]).fontSize);
    const longest = Math.max(...words.map(({length}) => length));
    const reach = Math.min((WIDTH_OF_LETTER * longest + 1) * letters + EDGES, width / 2);
    const isBeside = k ? right < width - reach : left > reach;
    const isLow = !isBeside && height - bottom > top;
    const free = isBeside ? height : Math.max(top, height - bottom);
    const each = (width < NARROW ? 2.8 : 1.6) * letters + EDGES;
    return [Math.max(Math.floor((free - EDGES) / each), 1), isLow];
  }

  fill(side, boxes, words, most) {
    const key = [most, ...boxes.map((box, k) => box.key + words[k])].join();
    if (side.dataset.key === key) return;
    side.dataset.key = key;
    const shown = boxes.slice(0, boxes.length > most ? most - 1 : most);
    const rest = boxes.length - shown.length;
    side.replaceChildren(
      ...shown.map((box, k) =>
        element("button", {type: "button", tabindex: -1, click: () => this.onSelect(box)}, words[k]),
      ),
      ...(rest ? [element("span", {}, `${shown.length ? "and " : ""}${rest} more`)] : []),
    );
  }

  // What its box says.
  briefly(box, view) {
    const {graph, formulas} = this;
    const {value, gradient} = numbersOf(box, view, graph);
    if (box.node !== null && !graph.nodes[box.node].symbol) return value;
    const numbers = gradient ? `${value}, ${gradient.replace(" ", "\u00a0")}` : value;
    return `${formulas.boxName(box)}${box.node === null ? ":" : " ="} ${numbers}`;
  }
}

// Where a box of the picture lies in a window of which this is seen.
function inWindow({x, y, width, height}, [start, top, end], room) {
  const scale = room[0] / (end - start);
  const [left, high] = [(x - start) * scale, (y - top) * scale];
  return {left, top: high, right: left + width * scale, bottom: high + height * scale};
}
