// Making elements, in HTML and in SVG.

function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

function drawn(tag, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

// An attribute whose value is a function listens to the event of its name.
function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

// Set a text whose names stay in one piece, but not again: what is said twice would be read aloud twice.
function say(place, text) {
  const unbroken = text.replace(/(\S)(?=[⁽₍⁰¹²³⁴-⁹₀-₉])/g, "$1\u2060");
  if (place.textContent !== unbroken) place.textContent = unbroken;
}

// A line of mathematics from the MathML of its parts, between which it may be broken.
function mathematics(parts) {
  const line = element("div", {class: "formula"});
  line.innerHTML = parts.map((part) => `<math display="block">${part}</math>`).join("");
  line.replaceChildren(...[...line.children].flatMap(summands));
  return line;
}

// A formula in pieces between which it may be broken: before each + and − of its outermost sum.
function summands(formula) {
  const isSign = (part, k) => k > 0 && part.tagName === "mo" && "+−".includes(part.textContent);
  const inner = (part) =>
    [...part.children].some(isSign) && part.tagName === "mrow" ? [...part.children] : [part];
  const pieces = [formula];
  for (const [k, part] of [...formula.children].flatMap(inner).entries()) {
    if (isSign(part, k)) {
      part.setAttribute("form", "infix");
      pieces.push(formula.cloneNode());
    }
    pieces.at(-1).append(part);
  }
  return pieces;
}
