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

  // What a box is called: like its node, or its group where it stands for several.
  boxName({node, group}) {
    return node === null ? group.name : this.name(node);
  }

  symbol(i) {
    return this.graph.nodes[i].symbol?.math ?? shortMath(this.graph.values[i]);
  }

  // ∂C/∂v with the root for C.
  derivative(of, by) {
    return fill(this.notation.partial, [this.symbol(of), this.symbol(by)]);
  }

  rule(i) {
    return this.rules[this.graph.nodes[i].formula];
  }

  // z = w · x = 0.5 · 2 = 1
  value(i) {
    const {parents} = this.graph.nodes[i];
    const value = shortMath(this.graph.values[i]);
    if (!parents.length) return this.chain(this.symbol(i), value);
    return this.chain(this.symbol(i), ...this.both(this.rule(i).value, i), value);
  }

  // The lines that say how a box comes about: one, or one for each step inside a closed group.
  valueOf(box) {
    const {nodes} = this.graph;
    const isIdentity = (i) => box.group?.kind === "identity" && i !== box.node;
    const steps = box.members.filter((i) => nodes[i].parents.length && !isIdentity(i));
    const shown = steps.slice(-MOST_STEPS_INSIDE);
    const left = steps.length - shown.length;
    return [
      ...(left ? [[`<mtext>${left} more inside, then</mtext>`]] : []),
      ...(steps.length ? shown : [box.node]).map((i) => this.value(i)),
    ];
  }

  // ∂z/∂w = x = 2
  partial(i, position) {
    const value = shortMath(this.graph.partials[i][position]);
    return this.chain(this.local(i, position), ...this.both(this.rule(i).partials[position], i), value);
  }

  // The gradient of a box as the sum over its terms: in symbols, in numbers, and the result.
  gradient(box, terms, most = 4) {
    const {root, gradients} = this.graph;
    const left = this.derivative(root, box.node);
    if (box.node === root) return [this.chain(left, "<mn>1</mn>")];
    if (!terms.length) return [this.chain(left, shortMath(gradients[box.node]))];
    const listed = terms.slice(0, most);
    const more = terms.length > most ? [`${this.notation.plus}<mi>…</mi>`] : [];
    const symbols = listed.map((term) => this.productOfSymbols(box, term));
    const factors = listed.map(({adjoint, partial}) => [adjoint, partial]);
    const digits = terms.length > most ? 4 : digitsThatGive(factors, gradients[box.node]);
    const numbers = listed.map((term) => this.productOfNumbers(term, digits));
    return [
      [...this.chain(left, ""), ...this.sum(symbols), ...more],
      [this.notation.equals, ...this.sum(numbers), ...more],
      [this.notation.equals + shortMath(gradients[box.node])],
    ];
  }

  // The chain rule from the root to a box in symbols and in numbers, a product for each of some paths.
  chainRule(box, paths, partial) {
    const {plus, times, equals} = this.notation;
    const ways = paths.map((path) => [...path].reverse());
    const result = this.graph.gradients[box.node];
    const factors = ways.map((way) => way.map(partial));
    const digits = digitsThatGive(factors, result);
    const sum = (write) =>
      ways.flatMap((way, n) => way.map((edge, k) => (k ? times : n ? plus : equals) + write(edge, n, k)));
    const symbols = ({from, to, position}) =>
      to.group ? this.derivative(to.node, from.node) : this.local(to.node, position);
    return [
      [this.derivative(this.graph.root, box.node), ...sum(symbols)],
      [...sum((_, n, k) => this.factor(factors[n][k], digits)), equals + shortMath(result)],
    ];
  }

  // One term as it is added: ∂C/∂x += ∂C/∂z · ∂z/∂x, in numbers, and what the gradient is then.
  term(box, term, before, after) {
    const left = this.derivative(this.graph.root, box.node);
    const product = shortMath(term.product);
    return [
      [`${left}<mo>+=</mo>`, this.productOfSymbols(box, term)],
      [this.notation.equals, this.productOfNumbers(term), this.notation.equals + product],
      ...(before === null
        ? []
        : [
            [
              `<mtext>so far </mtext>`,
              shortMath(before),
              this.notation.plus + this.factor(term.product),
              this.notation.equals + shortMath(after),
            ],
          ]),
    ];
  }

  // w ← w − α · ∂C/∂w, in numbers.
  update(i, rate) {
    const {values, gradients, root} = this.graph;
    const [minus, arrow] = ["<mo>−</mo>", "<mo>←</mo>"];
    const {times} = this.notation;
    const after = values[i] - rate * gradients[i];
    const digits = digitsThatGive([[values[i]], [-rate, gradients[i]]], after);
    return [
      this.symbol(i),
      `${arrow}${this.symbol(i)}${minus}<mi>α</mi>${times}${this.derivative(root, i)}`,
      this.notation.equals +
        shortMath(values[i], digits) +
        minus +
        this.factor(rate, digits) +
        times +
        this.factor(gradients[i], digits),
      this.notation.equals + shortMath(after),
    ];
  }

  productOfSymbols(box, {edge, user}) {
    const {root} = this.graph;
    // Of several values at once there is no one derivative: the term is the sum over them.
    if (user.node === null) return `<mtext>${user.group.name}</mtext>`;
    const local = user.group ? this.derivative(user.node, box.node) : this.local(user.node, edge.position);
    return this.derivative(root, user.node) + this.notation.times + local;
  }

  productOfNumbers({adjoint, partial, product, user}, digits = 4) {
    if (user.node === null) return this.factor(product, digits);
    const exact = digitsThatGive([[adjoint, partial]], product, digits);
    return this.factor(adjoint, exact) + this.notation.times + this.factor(partial, exact);
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

  // a + b + c, in parts.
  sum(terms) {
    return terms.map((term, k) => (k ? this.notation.plus + term : term));
  }

  factor(x, digits = 4) {
    return standsAlone(x) ? shortMath(x, digits) : fill(this.notation.group, [shortMath(x, digits)]);
  }

  plainFactor(x) {
    return standsAlone(x) ? short(x) : `(${short(x)})`;
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

  // a = b = c, in parts, without repeating what was just said.
  chain(...parts) {
    const isNew = (part, k) => k === 0 || part !== parts[k - 1];
    return parts.filter(isNew).map((part, k) => (k ? this.notation.equals + part : part));
  }
}

const MOST_STEPS_INSIDE = 4;
const MOST_DIGITS = 17;

function rounded(x, digits) {
  return Number.isFinite(x) ? Number(x.toPrecision(digits)) : x;
}

// How many digits the factors of a sum of products need so that what is shown gives what is shown of the result.
function digitsThatGive(products, result, least = 4) {
  for (let digits = least; digits < MOST_DIGITS; digits++) {
    const total = products.reduce((sum, factors) => sum + product(factors.map((x) => rounded(x, digits))), 0);
    if (short(total) === short(result)) return digits;
  }
  return least;
}

// An operand in parentheses of its own, not in those of a function.
const GROUPED = /(?<!<\/mi>)<mrow><mo>\(<\/mo><mrow>⟦(\w+)⟧<\/mrow><mo>\)<\/mo><\/mrow>/g;

function fill(template, parts) {
  return template.replace(/⟦(\w+)⟧/g, (_, place) => (Array.isArray(parts) ? parts[place] : parts(place)));
}
