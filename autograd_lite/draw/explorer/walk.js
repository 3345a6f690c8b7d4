// The walk through a graph: player, drawing, and what is told of the step, kept in step with each other.

class Walk {
  // `data` is {nodes, groups, formulas, notation, layout}. `actions` are onSelect(box), onScrub(leaf, value) and
  // onMoved(step) after each step; `rate()` the learning rate of the update at its end, if there is one.
  constructor(graph, formulas, data, {onSelect, onScrub, onMoved = () => {}, rate = null}) {
    Object.assign(this, {graph, formulas, onMoved});
    this.boxes = new Boxes(graph, data.groups, data.layout);
    this.steps = new Steps(graph, formulas, this.boxes, rate);
    this.selected = null;
    this.hides = null; // says of a step whether its number is not shown yet
    this.drawing = new Drawing(graph, formulas, this.boxes, {
      onSelect,
      onScrub,
      onOpen: (group) => this.open(group),
      onClose: (group) => this.fold(group, () => this.boxes.close(group)),
    });
    this.telling = new Telling();
    this.player = new Player(0, this.steps, (isWhole) => this.moved(isWhole));
    this.tools = this.makeTools();
  }

  makeTools() {
    const {boxes} = this;
    const choices = boxes.details.map((detail) => element("option", {value: detail}, detail));
    this.detail = element(
      "select",
      {"aria-label": "show", change: () => this.setDetail(this.detail.value)},
      ...choices,
    );
    const hasParameters = this.graph.parameters.length > 0;
    this.showsParameters = element("input", {
      type: "checkbox",
      checked: "",
      change: () => this.setParameters(this.showsParameters.checked),
    });
    const names = this.graph.nodes.flatMap(({symbol}) => (symbol ? [symbol.text] : []));
    this.find = element("input", {
      type: "search",
      list: "names",
      placeholder: "find a node",
      "aria-label": "Find a node by its name",
      change: () => this.jumpTo(this.find.value.trim()),
    });
    return element(
      "div",
      {class: "tools"},
      ...(choices.length > 1
        ? [element("label", {}, element("span", {class: "wide"}, "show "), this.detail)]
        : []),
      ...(hasParameters ? [element("label", {class: "choice"}, this.showsParameters, "parameters")] : []),
      this.find,
      element("datalist", {id: "names"}, ...[...new Set(names)].map((value) => element("option", {value}))),
      this.drawing.viewport.buttons,
    );
  }

  // Show the graph at a level of detail, as the choice of the reader would.
  setDetail(detail) {
    this.detail.value = detail;
    this.rearrange(() => this.boxes.setDetail(detail));
  }

  setParameters(isShown) {
    this.showsParameters.checked = this.boxes.showsParameters = isShown;
    this.rearrange(() => this.boxes.refresh());
  }

  // Change what is shown, and go on with the walk where it was.
  rearrange(change) {
    const {kind, node} = this.steps.list[this.player.position];
    const isAtEnd = this.player.position === this.steps.last;
    const isBackward = kind === "gradient" || kind === "term";
    const selected = this.selected?.heads[0];
    change();
    this.steps.refresh();
    this.selected = selected === undefined ? null : this.boxes.boxOf[selected];
    const box = node === null ? null : this.boxes.boxOf[node];
    Object.assign(this.player, {last: this.steps.last, stops: this.steps.stops});
    this.drawing.view = null;
    this.drawing.rearrange();
    this.player.go(isAtEnd ? this.steps.last : box ? this.steps.positionOf(box, isBackward) : 0);
  }

  open(group) {
    this.fold(group, () => this.boxes.open(group));
  }

  // Open or close a group: it stays where it is in the window, if not all is seen, and has the focus if it had it.
  fold(group, change) {
    const {boxes, drawing} = this;
    const {viewport} = drawing;
    const [head] = boxes.groups[group].heads;
    const before = boxes.boxOf[head];
    const {x, y, scale, isFitted} = viewport;
    const hadFocus = drawing.svg.contains(document.activeElement);
    this.rearrange(change);
    const after = boxes.boxOf[head];
    if (!isFitted || !viewport.showsAll)
      viewport.moveTo(x + (before.x - after.x) * scale, y + (before.y - after.y) * scale, scale);
    if (hadFocus) drawing.focus(after);
  }

  // Show and mark the node of a name, whatever hides it.
  jumpTo(name) {
    const node = name ? this.nodeNamed(name) : -1;
    this.find.setCustomValidity(node < 0 && name ? `No node is named ${name}: choose one of the list` : "");
    this.find.reportValidity();
    if (node < 0) return;
    this.uncover(node);
    const box = this.boxes.boxOf[node];
    this.drawing.onSelect(box);
    this.drawing.focus(box);
  }

  // w¹₁₀ is found as w110 too, or as w[1][1,0], as one types it.
  nodeNamed(name) {
    const typed = (text) => text.normalize("NFKC").replace(/[^\p{L}\p{N}]/gu, "");
    const find = (isMeant) => this.graph.nodes.findIndex(({symbol}) => symbol && isMeant(symbol.text));
    const exact = find((text) => text === name);
    return exact < 0 ? find((text) => typed(text) === typed(name)) : exact;
  }

  uncover(node) {
    this.rearrange(() => this.boxes.uncover(node));
    this.showsParameters.checked = this.boxes.showsParameters;
  }

  // Show the numbers of now at the step of now.
  refresh() {
    const {position} = this.player;
    const view = this.steps.shownAt(position);
    if (this.hides?.(this.step)) Object.assign(view, withoutActive(view));
    this.view = view;
    this.drawing.update({...view, selected: this.selected});
  }

  get step() {
    return this.steps.list[this.player.position];
  }

  tell() {
    const {position} = this.player;
    const told = this.isWhole ? this.steps.describeLayer(position) : this.steps.describe(position);
    this.telling.tell(this.hides?.(this.step) ? {title: told.title, words: "", lines: []} : told);
  }

  // The player has moved: by one step, or by a whole layer.
  moved(isWhole) {
    const {position} = this.player;
    this.isWhole = isWhole;
    this.refresh();
    this.tell();
    if (position < this.steps.last) this.reveal();
    this.onMoved(this.step);
  }

  // Bring the step's boxes into view.
  reveal() {
    const {position} = this.player;
    const {near, active} = this.steps.shownAt(position);
    if (!active) return;
    const layer = this.isWhole ? this.steps.layerAt(position).map(({box}) => box) : [];
    this.drawing.viewport.follow(this.isWhole ? [active, ...layer] : [...near]);
  }
}

// What is shown before the number of the active box is.
function withoutActive({kind, active, hasValue, gradient}) {
  return kind === "value"
    ? {hasValue: (box) => box !== active && hasValue(box)}
    : {gradient: (box) => (box === active ? null : gradient(box))};
}

// What a step does, in words and in mathematics.
class Telling {
  constructor() {
    this.title = element("h2", {});
    this.words = element("p", {});
    this.lines = element("div", {class: "lines"});
    this.told = element("div", {"aria-live": "polite"}, this.title, this.words);
    this.depth = element(
      "button",
      {type: "button", class: "link", "aria-pressed": "false", click: () => this.setBrief(!this.isBrief)},
      "In one line",
    );
    this.element = element(
      "section",
      {class: "telling", "aria-label": "This step", tabindex: 0},
      this.depth,
      this.told,
      this.lines,
    );
    this.isBrief = false;
  }

  // In one line, or with the whole chain rule in words, symbols and numbers.
  setBrief(isBrief) {
    this.isBrief = isBrief;
    this.depth.setAttribute("aria-pressed", isBrief);
    this.tell(this.last);
  }

  tell(told) {
    this.last = told;
    const {title, words, lines, brief} = told;
    const isBrief = this.isBrief && brief;
    say(this.title, title);
    say(this.words, isBrief ? "" : words);
    this.lines.replaceChildren(...(isBrief ? [brief] : lines).map(mathematics));
  }
}
