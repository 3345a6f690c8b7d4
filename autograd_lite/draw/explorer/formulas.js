// Formulas of a graph in MathML: templates made by Python, filled with symbols or with numbers.

class Formulas {
  // `rules` are {title, summary, value, partials}, each formula a pair of templates [for symbols, for
  // numbers] with places such as ⟦0⟧ for an operand and ⟦z⟧ for the result; `notation` are the signs.
  constructor(graph, rules, notation) {
    this.graph = graph;
    this.rules = rules;
    this.notation = notation;
  }

  // What a node is called, as text; a constant by its number.
  name(i) {
    return this.graph.nodes[i].symbol?.text ?? short(this.graph.values[i]);
  }

  symbol(i) {
    return this.graph.nodes[i].symbol?.math ?? shortMath(this.graph.values[i]);
  }

  // ∂C/∂v with the root for C.
  derivative(of, by) {
    return fill(this.notation.partial, [this.symbol(of), this.symbol(by)]);
  }

  rule(i) {
    return this.rules[this.graph.nodes[i].rule];
  }

  // z = w · x = 0.5 · 2 = 1
  value(i) {
    const value = shortMath(this.graph.values[i]);
    if (!this.graph.nodes[i].parents.length) return this.chain(this.symbol(i), value);
    return this.chain(this.symbol(i), ...this.both(this.rule(i).value, i), value);
  }

  // ∂z/∂w = x = 2
  partial(i, position) {
    const {parents} = this.graph.nodes[i];
    const left = this.derivative(i, parents[position]);
    const value = shortMath(this.graph.partials[i][position]);
    return this.chain(left, ...this.both(this.rule(i).partials[position], i), value);
  }

  // The gradient as the sum over the uses, in lines: in symbols, in numbers, and the result.
  gradient(i, most = 4) {
    const {root, gradients} = this.graph;
    const left = this.derivative(root, i);
    if (i === root) return [this.chain(left, "<mn>1</mn>")];
    const terms = this.graph.terms(i);
    if (!terms.length) return [this.chain(left, "<mn>0</mn>")];
    const {times} = this.notation;
    const more = terms.length > most ? ["<mi>…</mi>"] : [];
    const listed = terms.slice(0, most);
    const symbols = listed.map(({user}) => this.derivative(root, user) + times + this.derivative(user, i));
    const numbers = listed.map(({adjoint, partial}) => this.factor(adjoint) + times + this.factor(partial));
    return [
      ...this.sum(left, [...symbols, ...more]),
      ...this.sum("", [...numbers, ...more]),
      this.chain("", shortMath(gradients[i])),
    ];
  }

  // left = a + b, and the other terms in lines below, for mathematics does not wrap.
  sum(left, terms) {
    const {plus} = this.notation;
    const lines = [this.chain(left, terms.slice(0, 2).join(plus))];
    for (let k = 2; k < terms.length; k += 2) lines.push(`<mrow>${plus}${terms.slice(k, k + 2).join(plus)}</mrow>`);
    return lines;
  }

  factor(x) {
    return standsAlone(x) ? shortMath(x) : fill(this.notation.group, [shortMath(x)]);
  }

  // Both forms of a formula of node i; one where they look alike, none where there is nothing to tell.
  both([forSymbols, forNumbers], i) {
    const {graph} = this;
    const {parents} = graph.nodes[i];
    const nodeAt = (place) => (place === "z" ? i : parents[place]);
    const isNumber = (place) => graph.nodes[nodeAt(place)].op === "constant";
    const asNumber = (place) => shortMath(graph.values[nodeAt(place)]);
    const ungroup = (template, alone) =>
      template.replace(GROUPED, (group, place) => (alone(place) ? `⟦${place}⟧` : group));
    const alone = (place) => standsAlone(graph.values[nodeAt(place)]);
    const symbols = fill(
      ungroup(forSymbols, (place) => !isNumber(place) || alone(place)),
      (place) => this.symbol(nodeAt(place)),
    );
    const numbers = forNumbers === null ? symbols : fill(ungroup(forNumbers, alone), asNumber);
    return symbols === numbers ? [symbols] : [symbols, numbers];
  }

  // a = b = c, without repeating what was just said.
  chain(...parts) {
    const isNew = (part, k) => k === 0 || part !== parts[k - 1];
    return `<mrow>${parts.filter(isNew).join(this.notation.equals)}</mrow>`;
  }
}

// An operand in parentheses of its own.
const GROUPED = /<mrow><mo>\(<\/mo>⟦(\w+)⟧<mo>\)<\/mo><\/mrow>/g;

function fill(template, parts) {
  return template.replace(/⟦(\w+)⟧/g, (_, place) => (Array.isArray(parts) ? parts[place] : parts(place)));
}
