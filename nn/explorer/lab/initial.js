// Random first weights, as nn.initializers draws them: of the same seed, the same.

const glorot = (before, size) => 2 / (before + size);
const he = (before) => 2 / before;
const lecun = (before) => 1 / before;
// A uniform distribution on (−r, r) has the variance r²/3.
const uniformly =
  (variance) =>
  (random, ...sizes) => {
    const radius = Math.sqrt(3 * variance(...sizes));
    return random.uniform(-radius, radius);
  };
const normally =
  (variance) =>
  (random, ...sizes) =>
    random.gauss(0, Math.sqrt(variance(...sizes)));

const INITIALIZERS = {
  xavier: uniformly(glorot),
  xavier_normal: normally(glorot),
  he: normally(he),
  he_uniform: uniformly(he),
  lecun: normally(lecun),
  lecun_uniform: uniformly(lecun),
  uniform: (random) => random.uniform(-1, 1),
};

const RECTIFIERS = ["relu", "leaky_relu", "elu", "gelu", "silu", "softplus"];

// The first weights of a model; biases are 0. Without the name of an initialiser each layer takes the one for
// its activation, of `activations` by name, as Python does.
function initialWeights({parameters, layers}, activations, init, seed) {
  const random = new Random(seed);
  const numbers = new Float64Array(parameters.length);
  layers.forEach(({before, size, weights}, l) => {
    const draw = INITIALIZERS[init || (RECTIFIERS.includes(activations[l]) ? "he" : "xavier")];
    for (let i = 0; i < size * before; i++) numbers[weights + i] = draw(random, before, size);
  });
  return numbers;
}
