// Paths: every way from a chosen node to the root, the product of its local derivatives, and the sum of all.

class PathsOf {
  constructor(walk) {
    this.walk = walk;
    this.name = "Paths";
    this.words = element("p", {});
    this.list = element("ol", {class: "paths"});
    this.element = element("div", {}, this.words, this.list);
  }

  stop() {
    this.walk.drawing.markPath([]);
  }

  update() {
    const {selected, formulas, graph, boxes} = this.walk;
    if (!selected || selected.node === null) {
      this.words.textContent =
        "Select a node: each path from it to the root is a product, and their sum its gradient.";
      this.list.replaceChildren();
      return;
    }
    const found = boxes.paths(selected);
    const name = formulas.name(selected.node);
    const root = formulas.name(graph.root);
    const closed = found?.flat().find(({to}) => to.node === null)?.to;
    if (!found || closed) {
      this.words.textContent = closed
        ? `Paths lead through ${formulas.boxName(closed)}, ${closed.heads.length} values at once: open it.`
        : `There are more than ${MOST_PATHS} paths from ${name} to ${root}: close groups, or choose a node nearer to ${root}.`;
      this.list.replaceChildren();
      return;
    }
    const products = found.map((path) => path.map((edge) => boxes.partial(edge)));
    const total = products.reduce((sum, factors) => sum + product(factors), 0);
    this.words.textContent =
      `${found.length === 1 ? "One path leads" : `${found.length} paths lead`} from ${name} to ${root}; ` +
      `${found.length === 1 ? "its product" : "the sum of their products"} is ∂${root}/∂${name} = ${short(total)}.`;
    this.list.replaceChildren(...found.map((path, k) => this.line(path, products[k])));
  }

  line(path, factors) {
    const {drawing, formulas} = this.walk;
    const names = [path[0].from, ...path.map(({to}) => to)].map((box) => formulas.boxName(box));
    const show = () => drawing.markPath(path);
    const text = `${names.join(" → ")}: ${factors.map((x) => formulas.plainFactor(x)).join(" · ")} = ${short(product(factors))}`;
    return element(
      "li",
      {},
      element("button", {type: "button", class: "link", click: show, focus: show, pointerenter: show}, text),
    );
  }
}
