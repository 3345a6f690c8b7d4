// Predict first: the next number is typed by the student before it is shown.

class Predict {
  constructor(walk) {
    this.walk = walk;
    this.name = "Predict first";
    this.right = this.asked = 0;
    this.tried = new Set(); // the steps at which an answer was given
    this.question = element("p", {});
    this.answer = element("input", {
      type: "text",
      inputmode: "decimal",
      autocomplete: "off",
      "aria-label": "Your answer",
      keydown: (event) => event.key === "Enter" && this.check(),
    });
    const check = element("button", {type: "button", class: "main", click: () => this.check()}, "Check");
    const show = element("button", {type: "button", click: () => this.reveal("Here it is.")}, "Show");
    this.form = element("div", {class: "controls"}, this.answer, check, show);
    this.verdict = element("p", {role: "status"});
    this.score = element("p", {class: "hint"});
    this.element = element("div", {}, this.question, this.form, this.verdict, this.score);
  }

  start() {
    this.walk.player.pause();
    this.answered = new Set();
    this.walk.hides = (step) => this.isOpen(step);
    this.walk.player.go(this.walk.player.position);
  }

  stop() {
    this.walk.hides = null;
    this.walk.player.go(this.walk.player.position);
  }

  // Whether a step's number is still to be said.
  isOpen(step) {
    const {position} = this.walk.player;
    const isAsked = step.node !== null && !this.answered.has(position);
    return isAsked && !(step.kind === "gradient" && step.node === this.walk.graph.root);
  }

  update() {
    const step = this.walk.step;
    const isOpen = this.isOpen(step);
    this.form.hidden = !isOpen;
    if (this.at !== this.walk.player.position) {
      this.at = this.walk.player.position;
      this.answer.value = "";
      this.verdict.textContent = "";
    }
    this.question.textContent = isOpen
      ? this.questionOf(step)
      : "Go to the next step: its number is asked for.";
    this.score.textContent = this.asked ? `${this.right} of ${this.asked} right at the first try` : "";
  }

  questionOf({kind, box, node, use, uses}) {
    const {formulas, graph, boxes} = this.walk;
    const name = formulas.name(node);
    if (kind === "value") return `What is the value of ${name}?`;
    const root = formulas.name(graph.root);
    if (uses === 1) return `What is ∂${root}/∂${name}?`;
    return `What does the use by ${formulas.boxName(boxes.terms(box)[use].user)} add to ∂${root}/∂${name}?`;
  }

  get expected() {
    const {kind, box, node, use, uses} = this.walk.step;
    const {graph, boxes} = this.walk;
    if (kind === "value") return graph.values[node];
    return uses > 1 ? boxes.terms(box)[use].product : graph.gradients[node];
  }

  check() {
    const typed = typedNumber(this.answer.value);
    if (Number.isNaN(typed)) return void (this.verdict.textContent = "Type a number, such as −0.25.");
    const {position} = this.walk.player;
    const isFirst = !this.tried.has(position);
    this.tried.add(position);
    this.asked += isFirst;
    if (isClose(typed, this.expected)) {
      this.right += isFirst;
      return this.reveal("Right.");
    }
    this.update();
    this.verdict.textContent = this.mistake(typed);
    return undefined;
  }

  reveal(words) {
    this.answered.add(this.walk.player.position);
    this.walk.player.go(this.walk.player.position);
    this.verdict.textContent = words;
  }

  // What was left out, if the number tells.
  mistake(typed) {
    const {kind, box, use, uses} = this.walk.step;
    const {boxes, formulas} = this.walk;
    if (isClose(-typed, this.expected)) return "The size is right, the sign is not.";
    if (kind === "value") return "Not this: put the numbers of the operands into the rule.";
    const terms = boxes.terms(box);
    const asked = uses > 1 ? [terms[use]] : terms;
    if (asked.length === 1) {
      const [{user, adjoint, partial}] = asked;
      const by = formulas.boxName(user);
      if (isClose(typed, adjoint))
        return `That is the gradient of ${by} alone: the local derivative is missing.`;
      if (isClose(typed, partial))
        return `That is the local derivative alone: the gradient of ${by} is missing.`;
      if (isClose(typed, adjoint + partial)) return "The two factors are multiplied, not added.";
    }
    const missed = asked.length > 1 && asked.find(({product}) => isClose(typed + product, this.expected));
    if (missed) return `The use by ${formulas.boxName(missed.user)} was missed.`;
    const alone = asked.length > 1 && asked.find(({product}) => isClose(typed, product));
    if (alone) return `That is the use by ${formulas.boxName(alone.user)} alone: add the others.`;
    return "Not this: the gradient of each use times its local derivative, and all uses added.";
  }
}
