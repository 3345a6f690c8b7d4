// What a network may be given of a place in the plane, with how Python computes it.

const FEATURES = {
  x: {text: "x", python: "x", of: (x) => x},
  y: {text: "y", python: "y", of: (x, y) => y},
  xx: {text: "x²", python: "x * x", of: (x) => x * x},
  yy: {text: "y²", python: "y * y", of: (x, y) => y * y},
  xy: {text: "xy", python: "x * y", of: (x, y) => x * y},
  sinx: {text: "sin x", python: "sin(x)", of: (x) => Math.sin(x)},
  siny: {text: "sin y", python: "sin(y)", of: (x, y) => Math.sin(y)},
};
