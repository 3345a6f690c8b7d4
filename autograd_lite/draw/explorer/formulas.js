// Formulas of a graph in MathML: templates made by Python, filled with symbols or with numbers.

class Formulas {
  // `rules` are {title, sign, summary, value, partials}, each formula a template with places such as ⟦0⟧ for
  // an operand and ⟦z⟧ for the result, in parentheses where a negative number needs them; `notation` has signs.
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

  // z = w · x = 0.5 · 2 = 1, in one line or, where it is long, in three.
  value(i) {
    const {parents} = this.graph.nodes[i];
    const value = shortMath(this.graph.values[i]);
    if (!parents.length) return [this.chain(this.symbol(i), value)];
    const [first, ...others] = [...this.both(this.rule(i).value, i), value];
    if (parents.length <= 2) return [this.chain(this.symbol(i), first, ...others)];
    return [this.chain(this.symbol(i), first), ...others.map((part) => this.chain("", part))];
  }

  // ∂z/∂w = x = 2
  partial(i, position) {
    const value = shortMath(this.graph.partials[i][position]);
    return this.chain(this.local(i, position), ...this.both(this.rule(i).partials[position], i), value);
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
    const symbols = listed.map(
      ({user, position}) => this.derivative(root, user) + times + this.local(user, position),
    );
    const numbers = listed.map(({adjoint, partial}) => this.factor(adjoint) + times + this.factor(partial));
    return [
      ...this.sum(left, symbols, more),
      ...this.sum("", numbers, more),
      this.chain("", shortMath(gradients[i])),
    ];
  }

  // ∂z/∂w; where w is an operand of z more than once, with the place of the operand: the first, the second.
  local(i, position) {
    const {parents} = this.graph.nodes[i];
    const derivative = this.derivative(i, parents[position]);
    const isRepeated = parents.indexOf(parents[position]) !== parents.lastIndexOf(parents[position]);
    return isRepeated
      ? `<msub><mrow>${derivative}<mo>|</mo></mrow><mn>${position + 1}</mn></msub>`
      : derivative;
  }

  // left = a + b, and the other terms in lines below, for mathematics does not wrap.
  sum(left, terms, more) {
    const {plus} = this.notation;
    const pairs = [];
    for (let k = 0; k < terms.length; k += 2) pairs.push(terms.slice(k, k + 2));
    pairs.at(-1).push(...more);
    const [first, ...others] = pairs.map((pair) => pair.join(plus));
    // After something empty a plus stands between two terms, as far as spacing goes.
    return [
      this.chain(left, first),
      ...others.map((line) => `<mrow><mspace width="1em"/><mi></mi>${plus}${line}</mrow>`),
    ];
  }

  factor(x) {
    return standsAlone(x) ? shortMath(x) : fill(this.notation.group, [shortMath(x)]);
  }

  // A formula of node i in symbols and in numbers; once where they look alike.
  both(template, i) {
    const {nodes, values} = this.graph;
    const at = (place) => (place === "z" ? i : nodes[i].parents[place]);
    const isAlone = (place) => standsAlone(values[at(place)]);
    const isName = (place) => nodes[at(place)].symbol !== null;
    const write = (alone, text) =>
      fill(
        template.replace(GROUPED, (group, place) => (alone(place) ? `⟦${place}⟧` : group)),
        text,
      );
    const symbols = write(
      (place) => isName(place) || isAlone(place),
      (place) => this.symbol(at(place)),
    );
    const numbers = write(isAlone, (place) => shortMath(values[at(place)]));
    return symbols === numbers ? [symbols] : [symbols, numbers];
  }

  // a = b = c, without repeating what was just said.
  chain(...parts) {
    const isNew = (part, k) => k === 0 || part !== parts[k - 1];
    return `<mrow>${parts.filter(isNew).join(this.notation.equals)}</mrow>`;
  }
}

// An operand in parentheses of its own, not in those of a function.
const GROUPED = /(?<!<\/mi>)<mrow><mo>\(<\/mo><mrow>⟦(\w+)⟧<\/mrow><mo>\)<\/mo><\/mrow>/g;

function fill(template, parts) {
  return template.replace(/⟦(\w+)⟧/g, (_, place) => (Array.isArray(parts) ? parts[place] : parts(place)));
}
