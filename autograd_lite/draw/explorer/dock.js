// What a step is about and does not fit into the window: by name and number at its sides, operands at the left.

const DOCKED_HEIGHT = 34;

class Dock {
  constructor(graph, formulas, onSelect) {
    Object.assign(this, {graph, formulas, onSelect});
    this.sides = ["left", "right"].map((side) => element("div", {class: `dock ${side}`}));
  }

  // Show what is near the active box of a view and not within what is seen, as far as a height has room.
  show({near, active, ...view}, seen, height) {
    const out = [...near].filter((box) => box !== active && !isWithin(box, seen));
    const most = Math.max(Math.floor(height / DOCKED_HEIGHT) - 1, 1);
    this.fill(
      this.sides[0],
      out.filter(({at}) => at < active.at),
      most,
      view,
    );
    this.fill(
      this.sides[1],
      out.filter(({at}) => at > active.at),
      most,
      view,
    );
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

  briefly(box, view) {
    const {graph} = this;
    const name = this.formulas.boxName(box);
    if (box.node === null) return name;
    const value = view.hasValue(box) ? short(graph.values[box.node]) : "…";
    const gradient = view.kind !== "value" ? view.gradient(box) : null;
    if (!graph.nodes[box.node].symbol) return value;
    return gradient === null ? `${name} = ${value}` : `${name}: ∂ ${short(gradient)}`;
  }
}
