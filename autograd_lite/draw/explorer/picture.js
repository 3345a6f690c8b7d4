// The drawing as it stands, as a file: SVG, or PNG of twice its size.

const PROPERTIES = (
  "fill fill-opacity stroke stroke-width stroke-dasharray stroke-opacity stroke-linejoin paint-order opacity " +
  "display font-family font-size font-weight letter-spacing text-anchor"
).split(" ");
const PIXELS = 2;

// The source of a drawing without a style sheet: each shape has its own colours and letters, as they are now.
function svgSource(svg) {
  const [width, height] = [svg.clientWidth, svg.clientHeight];
  const copy = svg.cloneNode(true);
  const [old, made] = [svg, copy].map((root) => [...root.querySelectorAll("*")]);
  old.forEach((shape, k) => {
    const style = getComputedStyle(shape);
    for (const name of ["class", "style", "tabindex", "role"]) made[k].removeAttribute(name);
    for (const name of PROPERTIES) made[k].setAttribute(name, plainColour(style.getPropertyValue(name)));
  });
  made.filter((shape) => shape.getAttribute("display") === "none").forEach((shape) => shape.remove());
  for (const name of copy.getAttributeNames()) copy.removeAttribute(name);
  const fill = plainColour(getComputedStyle(document.body).backgroundColor);
  copy.prepend(drawn("rect", {width, height, fill}));
  for (const [name, value] of Object.entries({width, height, viewBox: `0 0 ${width} ${height}`}))
    copy.setAttribute(name, value);
  return new XMLSerializer().serializeToString(copy);
}

// Colours in the notation that every program reads.
function plainColour(text) {
  return text.replace(/color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)\)/, (_, ...shades) => {
    return `rgb(${shades.slice(0, 3).map((shade) => Math.round(255 * shade))})`;
  });
}

function svgAddress(svg) {
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgSource(svg))}`;
}

async function pngAddress(svg) {
  const image = new Image();
  image.src = svgAddress(svg);
  await image.decode();
  const canvas = element("canvas", {width: PIXELS * svg.clientWidth, height: PIXELS * svg.clientHeight});
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/png");
}

// What one does with the walk as a whole: show it on slides, save its picture.
class Showing {
  constructor(walk) {
    this.walk = walk;
    this.slides = new Slides(walk);
    const button = (words, click) => element("button", {type: "button", click}, words);
    this.element = element(
      "section",
      {class: "showing", "aria-label": "Show and save"},
      element("h2", {}, "Show and save"),
      element(
        "div",
        {class: "controls"},
        button("Slides", () => this.slides.begin()),
        button("SVG", () => this.save("svg", svgAddress)),
        button("PNG", () => this.save("png", pngAddress)),
      ),
    );
  }

  async save(ending, address) {
    const href = await address(this.walk.drawing.svg);
    element("a", {href, download: `graph.${ending}`}).click();
  }
}
