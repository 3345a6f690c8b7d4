// What of the page is shown, and how: a teacher hides what a class does not need yet.

const PARTS = {
  "data-controls": "choice of data",
  "own-points": "points of one's own",
  "layer-controls": "inputs and layers",
  "learning-controls": "how it learns",
  training: "training",
  plane: "the plane",
  colours: "colours",
  network: "the network",
  cost: "the cost",
  point: "the chosen point in numbers",
  weight: "the chosen weight",
  curve: "cost along the weight",
  sizes: "gradients by layer",
  graph: "graph of the chosen point",
};

class ViewControls {
  constructor(page) {
    this.page = page;
    this.fields = new Fields(page);
    this.dialog = new TextDialog();
    this.pictures = this.fields.check("pictures", "pictures");
    this.neurons = element("select", {change: () => page.showNeuron(JSON.parse(this.neurons.value))});
    this.shares = element("p", {class: "hint"}, "");
    this.ofPlane = fold(
      "Colours, and whose fault it is",
      "colours",
      row(element("label", {class: "field"}, "plane shows", this.neurons)),
      row(
        this.fields.choice("colour", "points by their", Object.entries(COLOURS)),
        this.fields.check("discrete", "discrete output"),
      ),
      this.shares,
    );
    this.boxes = Object.entries(PARTS).map(([name, words]) => {
      const box = element("input", {type: "checkbox", change: () => this.hide()});
      return {name, box, label: element("label", {class: "choice"}, box, words)};
    });
    this.undo = button("Undo", () => page.undo(), {title: "Undo the last change (Ctrl+Z)"});
    this.menu = this.partsMenu();
    this.element = element(
      "div",
      {class: "more"},
      this.undo,
      button("Python program", () => this.showProgram()),
      button("Link", () => this.showLink()),
      this.menu,
    );
  }

  partsMenu() {
    const labels = this.boxes.map(({label}) => label);
    const menu = element(
      "details",
      {class: "menu"},
      element("summary", {}, "Parts"),
      element("div", {class: "menu-body", role: "group", "aria-label": "Parts of the page"}, ...labels),
    );
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      menu.open = false;
      menu.firstChild.focus();
    });
    document.addEventListener("pointerdown", ({target}) => menu.contains(target) || (menu.open = false));
    return menu;
  }

  // What the plane can show of the network of now; at first what it decides.
  listNeurons() {
    const {network, formulas, plane} = this.page;
    const option = (neuron, words) => element("option", {value: JSON.stringify(neuron)}, words);
    const ofLayer = (layer, l) => layer.map((node, j) => option([l, j], formulas.name(node)));
    this.neurons.replaceChildren(option(null, "what is decided"), ...network.layers.flatMap(ofLayer));
    plane.regions.neuron = null;
  }

  tellNeuron(neuron) {
    const {page} = this;
    this.neurons.value = JSON.stringify(neuron);
    const name = neuron && page.formulas.name(page.network.layers[neuron[0]][neuron[1]]);
    page.say(
      neuron
        ? `The plane shows ${name}: orange where it is positive, blue where negative, with a line at 0.`
        : "The plane shows what the network decides.",
    );
  }

  showUndo() {
    this.undo.disabled = !this.page.network.undoable.length;
  }

  showProgram() {
    this.showText(
      "This run in Python",
      "It makes the same points, weights and steps, and prints the numbers of this page.",
      () => pythonProgram(this.page.network),
    );
  }

  // The link is also the address of the page from now on.
  showLink() {
    this.showText(
      "A link to this page as it is",
      "It holds all settings, weights and points of your own.",
      () => {
        const link = linkOf(this.page.network);
        history.replaceState(null, "", link);
        return location.href;
      },
    );
  }

  showText(title, words, make) {
    this.page.training.pause();
    try {
      this.dialog.show(title, words, make());
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.page.say(error.message);
    }
  }

  hide() {
    this.page.set({hidden: this.boxes.filter(({box}) => !box.checked).map(({name}) => name)});
  }

  tellShares() {
    const {network, selected, formulas} = this.page;
    const isOn = network.settings.colour === "share";
    this.shares.hidden = !isOn;
    if (!isOn) return;
    const name = formulas.name(selected);
    this.shares.textContent =
      `Orange points push ${name} down, blue ones up, large ones most: their shares add up to its mean ` +
      `gradient, ${short(network.gradient(selected))}.`;
  }

  show() {
    const {hidden} = this.page.network.settings;
    this.fields.show();
    for (const {name, box} of this.boxes) box.checked = !hidden.includes(name);
    for (const part of document.querySelectorAll("[data-part]"))
      part.hidden = hidden.includes(part.dataset.part);
  }
}
