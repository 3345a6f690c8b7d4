// Forward or reverse: how many multiplications each of the two needs for all derivatives of this graph.

class Modes {
  constructor(walk) {
    this.walk = walk;
    this.name = "Forward or reverse";
    this.words = element("div", {});
    this.element = this.words;
  }

  update() {
    const {formulas, graph} = this.walk;
    const root = formulas.name(graph.root);
    const leaves = graph.nodes.flatMap(({op}, i) => (op === "leaf" ? [i] : []));
    const reverse = edgesFrom(graph, leaves);
    const forward = leaves.reduce((sum, leaf) => sum + edgesFrom(graph, [leaf]), 0);
    const [most, least] = forward > reverse ? ["forward", "reverse"] : ["reverse", "forward"];
    const times = Math.max(forward, reverse) / Math.max(Math.min(forward, reverse), 1);
    this.words.replaceChildren(
      element(
        "p",
        {},
        `Reverse goes once from ${root} back over every edge, and has all ${leaves.length} derivatives: `,
        element("strong", {}, counted(reverse, "multiplication", "multiplications")),
        ".",
      ),
      element(
        "p",
        {},
        `Forward goes once for each of the ${leaves.length} leaves, over all edges that it reaches: `,
        element("strong", {}, counted(forward, "multiplication", "multiplications")),
        ".",
      ),
      element(
        "p",
        {},
        forward === reverse
          ? "Here both need as many."
          : `Here ${most} needs ${short(times, 3)} times as many as ${least}.`,
      ),
    );
  }
}

function counted(n, one, many) {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}

// The edges on ways from some nodes to the root: a multiplication each.
function edgesFrom(graph, start) {
  const reached = new Set(start);
  let edges = 0;
  graph.nodes.forEach(({parents}, i) => {
    const from = parents.filter((p) => reached.has(p));
    if (from.length) reached.add(i);
    edges += from.length;
  });
  return edges;
}
