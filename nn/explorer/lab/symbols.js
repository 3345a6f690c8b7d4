// What the nodes of a graph are called, as Python's autograd_lite.writing names and writes them.

// A name by its parts: {letter, layer, indices}, the last two as text; `sample` where several share it.
function symbolOf(letter, layer = "", indices = []) {
  return {letter, layer: String(layer), indices: indices.map(String), sample: 0};
}

// Each node's symbol, null for a constant: its label; of nodes under the same label the count; the root
// without one is C, a leaf x₁, x₂, …, another node v₁, v₂, …. Nodes are {op, parents, label}.
function symbolsOf(root) {
  const nodes = readingOrder(root).filter(({op}) => op !== "constant");
  const key = ({letter, layer, indices, sample}) => JSON.stringify([letter, layer, indices, sample]);
  const frequency = new Map();
  for (const {label} of nodes) if (label) frequency.set(key(label), (frequency.get(key(label)) ?? 0) + 1);
  const met = new Map();
  const count = (name) => {
    met.set(name, (met.get(name) ?? 0) + 1);
    return met.get(name);
  };
  const named = new Map();
  for (const node of nodes) {
    if (node.label) {
      const sample = count(key(node.label));
      named.set(node, frequency.get(key(node.label)) > 1 ? {...node.label, sample} : node.label);
    } else if (node === root && !frequency.has(key(symbolOf("C")))) {
      named.set(node, symbolOf("C"));
    } else {
      const letter = node === root ? "C" : node.parents.length ? "v" : "x";
      let numbered;
      do numbered = symbolOf(letter, "", [count(letter)]);
      while (frequency.has(key(numbered)));
      named.set(node, numbered);
    }
  }
  return named;
}

// The nodes, operands from left to right and before what is made of them.
function readingOrder(root) {
  const order = new Set();
  const opened = new Set();
  const stack = [root];
  while (stack.length) {
    const node = stack.at(-1);
    if (opened.has(node) || !node.parents.length) {
      order.add(stack.pop());
    } else {
      opened.add(node);
      stack.push(...node.parents.filter((parent) => !opened.has(parent)).reverse());
    }
  }
  return [...order];
}

// The nodes, parents before children, in the order of Python's topological_order.
function topologicalOrder(root) {
  const [interior, met, finished] = [[], new Set(), new Set()];
  const stack = [root];
  while (stack.length) {
    let node = stack.pop();
    if (node === null) {
      node = stack.pop();
      finished.add(node);
      interior.push(node);
    } else if (!met.has(node)) {
      met.add(node);
      const missing = node.parents.filter((parent) => !finished.has(parent));
      // Python finishes the first of two operands first, and the last of more.
      if (node.parents.length === 2) missing.reverse();
      if (node.parents.length) stack.push(node, null, ...missing);
      else finished.add(node);
    }
  }
  const order = new Set();
  for (const node of interior) {
    for (const parent of node.parents) if (!parent.parents.length) order.add(parent);
    order.add(node);
  }
  return [...order.add(root)];
}

function subscriptOf({indices}) {
  return indices.join(indices.every((index) => index.length === 1) ? "" : ",");
}

function superscriptOf({layer, sample}) {
  return layer + (sample ? `(${sample})` : "");
}

// As Python's dialects raise and lower signs; after ^ or _ where there is none for one of them.
const UPPER_SIGNS = signsOf("0123456789+-−=()n,", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ˒");
const LOWER_SIGNS = signsOf("0123456789+-−=(),", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎‚");

function signsOf(from, to) {
  const signs = [...to];
  return new Map([...from].map((c, k) => [c, signs[k]]));
}

function textOf(symbol) {
  const upper = inSigns(superscriptOf(symbol), UPPER_SIGNS, "^");
  return symbol.letter + upper + inSigns(subscriptOf(symbol), LOWER_SIGNS, "_");
}

function inSigns(text, signs, otherwise) {
  const all = [...text];
  return all.every((c) => signs.has(c)) ? all.map((c) => signs.get(c)).join("") : otherwise + text;
}

function mathOf(symbol) {
  const escaped = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  const [upper, lower] = [superscriptOf(symbol), subscriptOf(symbol)];
  const letter = `<mi>${escaped(symbol.letter)}</mi>`;
  const number = (text) => `<mn>${escaped(text)}</mn>`;
  if (upper && lower) return `<msubsup>${letter}${number(lower)}${number(upper)}</msubsup>`;
  if (upper) return `<msup>${letter}${number(upper)}</msup>`;
  return lower ? `<msub>${letter}${number(lower)}</msub>` : letter;
}
