// Which parts of the page are shown: a teacher hides what a class does not need yet.

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

class Parts {
  constructor(page) {
    this.page = page;
    this.boxes = Object.entries(PARTS).map(([name, words]) => {
      const box = element("input", {type: "checkbox", change: () => this.hide()});
      return {name, box, label: element("label", {class: "choice"}, box, words)};
    });
    this.element = this.menu();
  }

  menu() {
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

  hide() {
    this.page.set({hidden: this.boxes.filter(({box}) => !box.checked).map(({name}) => name)});
  }

  show() {
    const {hidden} = this.page.network.settings;
    for (const {name, box} of this.boxes) box.checked = !hidden.includes(name);
    for (const part of document.querySelectorAll("[data-part]"))
      part.hidden = hidden.includes(part.dataset.part);
  }
}
