// Activations and costs that are no rows of this page's tables: computed by their graphs, node by node.

// σ and σ′ of a function that is no single operation: by its graph, node by node.
function activationOfGraph(template, rules) {
  const graph = new Graph(template.nodes, rules);
  const at = (z) => (Object.is(graph.values[template.z], z) || graph.set([[template.z, z]]), graph);
  return {value: (z) => at(z).cost, partial: (z) => at(z).gradients[template.z]};
}

// A cost that is a function of one's own, as in costs.js.
function costOfGraph({nodes, outputs, targets}, rules) {
  const graph = new Graph(nodes, rules);
  return (a, y, at, n, gradient) => {
    outputs.forEach((leaf, j) => (graph.values[leaf] = a[at + j]));
    targets.forEach((leaf, j) => (graph.values[leaf] = y[at + j]));
    graph.compute();
    outputs.forEach((leaf, j) => (gradient[at + j] = graph.gradients[leaf]));
    return graph.cost;
  };
}
