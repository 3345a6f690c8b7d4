// Where the parts of the network page stand: controls above, three columns, the chosen point's graph below.

const WELCOME =
  "Run trains the network. A click into the plane adds a point, one at a line chooses that weight.";

const HELP =
  "Click into the plane to add a point; drag a point to move it; press Delete, or hold it on a touch " +
  "screen, to delete it. With a point in focus, arrow keys move it (with Shift ten times as far), Page Up " +
  "and Page Down go to another, Ctrl+Z undoes. Click a line of the network, or a square, which is a bias, to " +
  "change its weight; arrow keys go from one to the next. In the graph a leaf can be dragged sideways: a " +
  "weight changes for all points, an input moves the chosen point. Elsewhere the space bar plays the walk " +
  "through the graph, and ← and → go step by step.";

// Lay out a page's parts in its `main` element; returns the places for what is made for one network.
function layOut(page, main) {
  const {training, plane, curve, sizes, colours, takeAway} = page;
  const [data, layers, learning, parts] = page.controls;
  const place = (part = null) => element("div", {"data-part": part});
  const [choice, diagram] = [place(), place()];
  const [weight, point, graph] = ["weight", "point", "graph"].map(place);
  const ofData = [data.element, plane.element, plane.readout, choice, colours.element, data.own.element];
  const ofNetwork = [layers.element, diagram, weight, curve.element];
  const ofCost = [training.state, learning.element, training.chart.element, sizes.element, point, help()];
  const board = element(
    "div",
    {class: "board"},
    section("plane", "Data", [data.sets], ...ofData),
    section("network", "Network", [colours.pictures], ...ofNetwork),
    section("cost", "Cost", [learning.cost], ...ofCost),
  );
  training.element.dataset.part = "training";
  const more = element("div", {class: "more"}, page.undoButton, ...takeAway.buttons, parts.element);
  document.querySelector("header h1").after(more);
  main.append(training.element, page.status, board, graph, takeAway.dialog.element);
  return {choice, diagram, weight, point, graph};
}

// A part of the page under a heading, with `controls` beside it.
function section(name, title, controls, ...parts) {
  return element(
    "section",
    {class: `${name}-section`, "data-part": name, "aria-labelledby": `${name}-title`},
    element("div", {class: "heading"}, element("h2", {id: `${name}-title`}, title), ...controls),
    ...parts,
  );
}

function button(words, click, attributes = {}) {
  return element("button", {type: "button", click, ...attributes}, words);
}

function help() {
  return element(
    "details",
    {class: "fold"},
    element("summary", {}, "Mouse, touch and keys"),
    element("p", {id: "plane-help", class: "hint"}, HELP),
  );
}
