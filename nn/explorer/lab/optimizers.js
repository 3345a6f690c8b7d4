// How gradients become steps, as in nn/optim.py, and how the learning rate changes from epoch to epoch.

// A step of each is step(parameters, gradients, rate).
const OPTIMIZERS = {
  sgd: (n, {momentum}) => new Descending(n, momentum),
  adam: (n) => new Adaptive(n),
};

// v ← μv + ∂C/∂P, P ← P − αv; without momentum P ← P − α ∂C/∂P (E4).
class Descending {
  constructor(n, momentum) {
    this.momentum = momentum;
    this.velocity = new Float64Array(n);
  }

  step(parameters, gradients, rate) {
    const {momentum, velocity} = this;
    for (let i = 0; i < parameters.length; i++) {
      velocity[i] = momentum * velocity[i] + gradients[i];
      parameters[i] -= rate * velocity[i];
    }
  }
}

// Adam (Kingma and Ba, 2015): steps scaled by running means of the gradient and of its square.
class Adaptive {
  constructor(n) {
    this.steps = 0;
    this.mean = new Float64Array(n);
    this.square = new Float64Array(n);
  }

  step(parameters, gradients, rate) {
    const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
    const {mean, square} = this;
    this.steps++;
    // Both means start at 0 and are too small at first, by these factors.
    const full1 = 1 - beta1 ** this.steps;
    const full2 = 1 - beta2 ** this.steps;
    for (let i = 0; i < parameters.length; i++) {
      const g = gradients[i];
      mean[i] = beta1 * mean[i] + (1 - beta1) * g;
      square[i] = beta2 * square[i] + (1 - beta2) * g * g;
      parameters[i] -= (rate * (mean[i] / full1)) / (Math.sqrt(square[i] / full2) + epsilon);
    }
  }
}

// Each gives the factor on the learning rate in an epoch, which count from 0.
const SCHEDULES = {
  constant: () => () => 1,
  step:
    ({every, factor}) =>
    (epoch) =>
      factor ** Math.floor(epoch / every),
  exponential:
    ({factor}) =>
    (epoch) =>
      factor ** epoch,
  cosine:
    ({every}) =>
    (epoch) =>
      (1 + Math.cos(Math.PI * Math.min(1, epoch / every))) / 2,
};
