// What the reader has changed: undone gesture by gesture, and told beside a state that was kept.

const MOST_REMEMBERED = 200;
const MOST_COMPARED = 12;

class Changes {
  // `onUndo(changes)` gives leaves their values of before, as a list of [node, value].
  constructor(graph, formulas, onUndo) {
    Object.assign(this, {graph, formulas, onUndo});
    this.leaves = graph.nodes.flatMap((_, i) => (graph.isLeaf(i) ? [i] : []));
    this.past = [];
    this.now = this.state();
    this.kept = [...graph.values];
    this.isNewGesture = true;
    const button = (words, click) => element("button", {type: "button", click}, words);
    this.undoButton = button("Undo", () => this.undo());
    this.words = element("p", {class: "hint"});
    this.table = element("div", {class: "scrolled"});
    this.element = element(
      "section",
      {class: "changes", "aria-label": "Changes"},
      element("h2", {}, "Changes"),
      element(
        "div",
        {class: "controls"},
        this.undoButton,
        button("Compare from here", () => this.keep()),
      ),
      this.words,
      this.table,
    );
    const begin = () => (this.isNewGesture = true);
    for (const gesture of ["pointerdown", "focusin"]) document.addEventListener(gesture, begin, true);
    document.addEventListener("keydown", (event) => this.onKey(event), true);
    this.update();
  }

  state() {
    return this.leaves.map((i) => this.graph.values[i]);
  }

  // Whoever has changed a leaf: what it was is remembered, once for each gesture, such as a drag or a run.
  update() {
    const state = this.state();
    if (!state.every((value, k) => Object.is(value, this.now[k]))) {
      if (this.isNewGesture) this.past = [...this.past.slice(1 - MOST_REMEMBERED), this.now];
      this.isNewGesture = false;
      this.now = state;
    }
    this.undoButton.disabled = !this.past.length;
    this.compare();
  }

  undo() {
    const before = this.past.pop();
    if (!before) return;
    this.now = before;
    this.isNewGesture = true;
    this.onUndo(this.leaves.map((i, k) => [i, before[k]]));
  }

  keep() {
    this.kept = [...this.graph.values];
    this.compare();
  }

  // The root and the leaves that are another since the state that was kept, by how much.
  compare() {
    const {graph, formulas, kept} = this;
    const changed = this.leaves.filter((i) => !Object.is(graph.values[i], kept[i]));
    this.words.textContent = changed.length ? "" : "Nothing is changed. What you change is compared here.";
    if (!changed.length) return this.table.replaceChildren();
    const row = (i) => {
      const [before, now] = [kept[i], graph.values[i]];
      const cells = [formulas.name(i), short(before), short(now), short(now - before)];
      return element("tr", {}, ...cells.map((text) => element("td", {}, text)));
    };
    const left = changed.length - MOST_COMPARED;
    const more = element("tr", {}, element("td", {colspan: 4}, `and ${left} more`));
    return this.table.replaceChildren(
      element(
        "table",
        {"aria-label": "What has changed"},
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            ...["", "was", "is", "change"].map((head) => element("th", {scope: "col"}, head)),
          ),
        ),
        element(
          "tbody",
          {},
          ...[graph.root, ...changed.slice(0, MOST_COMPARED)].map(row),
          ...(left > 0 ? [more] : []),
        ),
      ),
    );
  }

  // What is typed into a field is one change; the field has an undo of its own.
  onKey(event) {
    const isTyped = event.target.closest("input:not([type=range])");
    if (!isTyped) this.isNewGesture = true;
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || isTyped) return;
    event.preventDefault();
    this.undo();
  }
}
