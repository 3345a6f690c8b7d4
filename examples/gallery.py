"""Draws every kind of picture, of five real cases, into `gallery.md` and the folder `gallery` beside it.

Each picture is made by the line of code that stands above it. `python examples/gallery.py elsewhere` writes
into another folder.
"""

import io
import os
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("agg")

from PIL import Image

from autograd_lite import Value, affine, exp, fsum, sigmoid, sumprod, tanh
from nn.module import Module
from nn.pictures import Animation

DPI, COLOURS = 140, 128

IMPORTS = """
import random

from autograd_lite import Value, animate_backward, draw
from nn import MLP, Adam, Neuron, cross_entropy, draw_network, fit, mean_squared_error
from nn import Animation, GradientLog, plot_decision_boundary, plot_gradients, plot_history
from nn.data import Dataset, iris, moons
"""

KINDS = {
    "operations": "every product and every sum;",
    "neurons": "the derivations' own nodes: x, w, b, z, a, C;",
    "layers": "one box a layer;",
    "partials": "the local derivative on each edge;",
    "highlight": "the paths from one variable to the cost, and what their edges multiply to;",
    "focus": "one value with its neighbours, and of the rest how much there is;",
    "slide": "what fills a slide and is read from its back row;",
    "backward": "values arrive, then gradients, each by its chain rule;",
    "network": "the classic picture, neurons as circles and weights as lines;",
    "cost": "from epoch to epoch;",
    "gradients": "how large they are in each layer over the training;",
    "boundary": "which class each point of the plane is given;",
    "film": "the training, frame by frame.",
}


# --- two models of one's own --------------------------------------------------------------------------------


def named(value: Value, label: str) -> Value:
    """Return a value with a label."""
    value.label = label
    return value


class LSTM(Module):
    """A cell of one unit with the gates f, i and o, the candidate g, and an output y from its last state."""

    def __init__(self, seed: int) -> None:
        draws = random.Random(seed)
        self.gates = {
            gate: (
                Value(draws.uniform(-1, 1), f"w[{gate}]"),
                Value(draws.uniform(-1, 1), f"u[{gate}]"),
                Value(1.0 if gate == "f" else 0.0, f"b[{gate}]"),
            )
            for gate in "figo"
        }
        self.output = Value(draws.uniform(-1, 1), "w[y]"), Value(0.0, "b[y]")

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Yield the weights and the bias of each gate, and those of the output."""
        for parameters in (*self.gates.values(), self.output):
            yield from ((p.label, p) for p in parameters)

    def __call__(self, xs: Sequence[Any]) -> Value:
        """Return the output after the last of the inputs."""
        h, c = Value(0.0, "h[0]"), Value(0.0, "c[0]")
        self.memory = [c]
        for t, x in enumerate(inputs(xs, [f"x[{t + 1}]" for t in range(len(xs))]), 1):
            z = {
                gate: named(affine([w, u], [x, h], b), f"z[{gate},{t}]")
                for gate, (w, u, b) in self.gates.items()
            }
            f, i, o = (named(sigmoid(z[gate]), f"{gate}[{t}]") for gate in "fio")
            g = named(tanh(z["g"]), f"g[{t}]")
            c = named(f * c + i * g, f"c[{t}]")
            h = named(o * tanh(c), f"h[{t}]")
            self.memory.append(c)
        w, b = self.output
        return named(affine([w], [h], b), "y")


class Attention(Module):
    """Two heads of one unit each: the last token asks, and all tokens, of two features, answer."""

    def __init__(self, seed: int) -> None:
        draws = random.Random(seed)

        def weights(name: str) -> list[Value]:
            return [Value(draws.gauss(0, 1), f"w[{name},{k}]") for k in range(2)]

        self.heads = [{part: weights(f"{part},{h}") for part in "qkv"} for h in range(2)]
        self.biases = [Value(0.0, f"b[q,{h}]") for h in range(2)]
        self.output = weights("y")

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Yield the weights of queries, keys and values, the queries' biases, and the output's weights."""
        for head in self.heads:
            yield from ((w.label, w) for part in head.values() for w in part)
        yield from ((p.label, p) for p in (*self.biases, *self.output))

    def __call__(self, features: Sequence[Any]) -> Value:
        """Return the output for tokens that stand one after the other."""
        x = inputs(features, [f"x[{i // 2},{i % 2}]" for i in range(len(features))])
        tokens = [x[i : i + 2] for i in range(0, len(x), 2)]
        self.alphas: list[list[Value]] = []
        outputs = []
        for h, head in enumerate(self.heads):
            q = named(affine(head["q"], tokens[-1], self.biases[h]), f"q[{h}]")
            k = [named(sumprod(head["k"], token), f"k[{h},{j}]") for j, token in enumerate(tokens)]
            v = [named(sumprod(head["v"], token), f"v[{h},{j}]") for j, token in enumerate(tokens)]
            scores = [named(q * key, f"s[{h},{j}]") for j, key in enumerate(k)]
            exps = [named(exp(score), f"e[{h},{j}]") for j, score in enumerate(scores)]
            total = named(fsum(exps), f"Σ[{h}]")
            self.alphas.append([named(e / total, f"α[{h},{j}]") for j, e in enumerate(exps)])
            outputs.append(named(sumprod(self.alphas[-1], v), f"o[{h}]"))
        return named(sumprod(self.output, outputs), "y")


def inputs(xs: Sequence[Any], labels: Sequence[str]) -> list[Value]:
    """Return numbers as Values with labels; what is a Value already stays as it is."""
    return [x if isinstance(x, Value) else Value(x, label) for x, label in zip(xs, labels, strict=True)]


# --- the cases ----------------------------------------------------------------------------------------------


@dataclass
class Case:
    """What is drawn of one model: by the name of a kind, a line of code and a sentence about its picture."""

    name: str
    title: str
    about: str
    setup: str
    pictures: dict[str, tuple[str, str]]
    left_out: str


CASES = [
    Case(
        "neuron",
        "A neuron",
        "One neuron tells two kinds of iris apart by the length and the width of their petals. The pictures "
        "of its graph show it before the training, for one flower.",
        """
flowers = iris()
petals = [x[2:] for x in flowers.inputs[:100]]
names = flowers.feature_names[2:], flowers.class_names[:2]
data = Dataset("petals", petals, flowers.labels[:100], *names, "Fisher").standardized()

neuron = Neuron(2, seed=1)
x = [Value(data.inputs[50][k], f"x[{k}]") for k in range(2)]
cost = mean_squared_error([neuron(x)], [1.0])
cost.backward()

learner = Neuron(2, seed=1)
history = fit(learner, data.inputs, data.signs(), learning_rate=0.05, epochs=30)
""",
        {
            "operations": (
                'draw(cost, detail="operations")',
                "z is two products and two sums; below each value stands how much the cost changes with it.",
            ),
            "neurons": ("draw(cost)", "The same graph as the derivations have it: w, x, b, z, a, C."),
            "partials": (
                "draw(cost, partials=True)",
                "Multiply the numbers on the edges from a weight to C, and you have the weight's gradient.",
            ),
            "highlight": (
                "draw(cost, highlight=neuron.weights[0])",
                "The one path from w₀ to the cost; below it, its product.",
            ),
            "backward": (
                'animate_backward(cost, "backward.gif", size=(6.4, 3.6))',
                "First the values, from left to right, and then the gradients, from right to left.",
            ),
            "cost": (
                "plot_history(history, figsize=(4.8, 3.2))",
                "The cost falls by more than ten times, so the axis is logarithmic, and says so.",
            ),
            "boundary": (
                "plot_decision_boundary(learner, data, figsize=(4.8, 3.2))",
                "A neuron divides the plane by a straight line; for these two kinds that is enough.",
            ),
        },
        "A single neuron has no layers to draw as boxes or circles or to compare the gradients of.",
    ),
    Case(
        "network",
        "A network of 2–3–1 neurons",
        "Three hidden neurons bend the border between two half moons.",
        """
data = moons(100, noise=0.1, seed=0)

mlp = MLP(2, [3, 1], seed=4)
cost = mean_squared_error(mlp(data.inputs[-1]), data.signs()[-1])
cost.backward()

learner = MLP(2, [3, 1], seed=4)
log = GradientLog()
film = Animation(data, every=25, figsize=(6.4, 3.6))
options = {"learning_rate": 0.15, "epochs": 400, "callbacks": [log, film]}
history = fit(learner, data.inputs, data.signs(), engine="lifted", **options)
""",
        {
            "operations": (
                'draw(cost, detail="operations")',
                "Every product and every sum: too much for a slide, but all there is.",
            ),
            "neurons": ("draw(cost)", "Each neuron in a frame, with its weights and its bias."),
            "layers": (
                'draw(cost, detail="layers")',
                "How many values of each kind, and from where to where they lie.",
            ),
            "partials": (
                "draw(cost, partials=True)",
                "Along a path one multiplies, over paths one adds: that is backpropagation.",
            ),
            "highlight": (
                "draw(cost, highlight=mlp.weights(1)[0][1])",
                "The path from the weight w¹₀₁ through its neuron and the output to the cost.",
            ),
            "slide": (
                'draw(cost, size="slide", title="Two inputs, three neurons, one output")',
                "As wide for its height as a slide, and no letter smaller than 1/40 of it.",
            ),
            "network": (
                "draw_network(learner, x=data.inputs[0])",
                "After the training, for one point: orange is positive, blue and dashed negative.",
            ),
            "cost": (
                "plot_history(history, figsize=(4.8, 3.2))",
                "A plateau, and then the moons come apart.",
            ),
            "gradients": (
                "plot_gradients(log, figsize=(4.8, 3.2))",
                "The line is the root mean square of a layer's gradients; a bar holds four fifths of them.",
            ),
            "boundary": (
                "plot_decision_boundary(learner, data, figsize=(4.8, 3.2))",
                "Three neurons bend the border; rings mark the points on its wrong side.",
            ),
            "film": ("film", "The border, every 25 epochs, beside the cost so far."),
        },
        "",
    ),
    Case(
        "iris",
        "Iris, by 4–8–3 neurons",
        "Three kinds of flowers by four lengths, with cross-entropy. Of a graph so large one sees the "
        "layers, or what concerns one weight.",
        """
data = iris().standardized()

mlp = MLP(4, [8, 3], seed=0)
cost = cross_entropy(mlp(data.inputs[0]), data.labels[0])
cost.backward()

learner = MLP(4, [8, 3], seed=0)
log = GradientLog()
options = {"learning_rate": 0.5, "epochs": 60, "validation_split": 0.2, "callbacks": [log]}
history = fit(learner, data.inputs, data.labels, cost="cross_entropy", engine="lifted", **options)
petals = [x[2:] for x in data.inputs]
cut = Dataset("iris", petals, data.labels, data.feature_names[2:], data.class_names, "Fisher")
""",
        {
            "layers": ("draw(cost)", "A larger graph is drawn by its layers, unless one asks for more."),
            "highlight": (
                "draw(cost, highlight=mlp.weights(2)[1][0])",
                "Of a graph so large, only what lies on a path from the weight to the cost.",
            ),
            "focus": (
                "draw(cost, focus=mlp.weights(1)[2][1])",
                "One neuron, what it is made of and what is made of it; the others are counted.",
            ),
            "network": (
                "draw_network(learner, x=data.inputs[0])",
                "The first flower is a setosa: the first output is the largest.",
            ),
            "cost": (
                "plot_history(history, figsize=(4.8, 3.2))",
                "In the end the samples held out cost more than those that it learns from.",
            ),
            "gradients": (
                "plot_gradients(log, figsize=(4.8, 3.2))",
                "Neither layer's gradients vanish: both lines fall together.",
            ),
            "boundary": (
                "plot_decision_boundary(lambda x: learner([0, 0, *x]), cut, figsize=(4.8, 3.2))",
                "A cut through the space of four dimensions, where the sepals are of average size.",
            ),
        },
        "All its products and sums, or the derivatives on all its edges, would be a poster that nobody "
        "reads. A film is of data in the plane.",
    ),
    Case(
        "lstm",
        "An LSTM cell over three steps",
        "A cell of one unit, written in [gallery.py](gallery.py), that is to remember the first of three "
        "numbers: f forgets, i lets in, g is the candidate, c the memory, o lets out, h the state.",
        """
draws = random.Random(0)
X = [[draws.uniform(-1, 1) for _ in range(3)] for _ in range(40)]
Y = [[x[0]] for x in X]

lstm = LSTM(seed=4)
cost = mean_squared_error([lstm(X[0])], Y[0])
cost.backward()

learner = LSTM(seed=4)
optimizer = Adam(learner.parameters(), 0.05)
history = fit(learner, X, Y, optimizer=optimizer, epochs=300, engine="lifted")
""",
        {
            "neurons": (
                'draw(cost, detail="neurons", parameters=lstm.parameters())',
                "Three steps with the same weights, whose gradients are sums over the steps.",
            ),
            "highlight": (
                "draw(cost, highlight=lstm.memory[2], parameters=lstm.parameters())",
                "From the memory after two steps, by f₃ to the next, or by h₂ and all the gates.",
            ),
            "focus": (
                "draw(cost, focus=lstm.memory[2], parameters=lstm.parameters())",
                "The memory after two steps: what it is the sum of, and where it goes.",
            ),
            "cost": (
                "plot_history(history, figsize=(4.8, 3.2))",
                "Slowly at first, until the gates have learned to keep what they let in.",
            ),
        },
        "It has gates and steps in place of layers, and three numbers are no point in the plane.",
    ),
    Case(
        "attention",
        "Attention with two heads",
        "Two heads of one unit each, written in [gallery.py](gallery.py). The last of three tokens asks, q; "
        "each has a key k and a value v, and α says how much the value counts. The token with a flag is to "
        "be found.",
        """
draws = random.Random(0)
values = [[draws.uniform(-1, 1) for _ in range(3)] for _ in range(60)]
flagged = [draws.randrange(3) for _ in values]
X = [[feature for j in range(3) for feature in (v[j], float(j == flag))] for v, flag in zip(values, flagged)]
Y = [[v[flag]] for v, flag in zip(values, flagged)]

attention = Attention(seed=2)
cost = mean_squared_error([attention(X[0])], Y[0])
cost.backward()

learner = Attention(seed=2)
history = fit(learner, X, Y, learning_rate=0.3, epochs=300, engine="lifted")
""",
        {
            "neurons": (
                'draw(cost, detail="neurons", parameters=attention.parameters())',
                "Both heads side by side: q times each k, a softmax, and the mean of the values by α.",
            ),
            "highlight": (
                'draw(cost, highlight=attention.heads[0]["q"][0], parameters=attention.parameters())',
                "A weight of the query acts on every α, by way of the softmax's sum.",
            ),
            "focus": (
                "draw(cost, focus=attention.alphas[0][2], parameters=attention.parameters())",
                "What one α is made of, and that it weighs one value.",
            ),
            "cost": (
                "plot_history(history, figsize=(4.8, 3.2))",
                "Nothing much happens until a head has found the flag.",
            ),
        },
        "Six numbers are no point in the plane, and its heads stand beside each other, not one after the "
        "other as layers do.",
    ),
]


# --- writing it all down ------------------------------------------------------------------------------------


def save(picture: Any, path: Path) -> Path:
    """Write a picture of any kind, with the ending that it has."""
    if isinstance(picture, Path):
        path = picture.replace(path.with_suffix(picture.suffix))
    elif isinstance(picture, Animation):
        path = path.with_suffix(".gif")
        picture.save(path)
    elif hasattr(picture, "pipe"):
        path = path.with_suffix(".svg")
        path.write_bytes(picture.pipe(format="svg"))
    else:
        path = path.with_suffix(".png")
        file = io.BytesIO()
        picture.figure.savefig(file, dpi=DPI)
        Image.open(file).convert("RGB").quantize(COLOURS, dither=0).save(path, optimize=True)
    return path


def section(case: Case, folder: Path) -> list[str]:
    """Draw the pictures of a case, and return what is said of them."""
    names: dict[str, Any] = {"LSTM": LSTM, "Attention": Attention}
    exec(compile(IMPORTS + case.setup, f"{case.name}.py", "exec"), names)
    text = [f"## {case.title}", case.about, f"```python{case.setup}```"]
    for kind, (code, sentence) in case.pictures.items():
        path = save(eval(code, names), folder / f"{case.name}_{kind}")
        shown = f"gallery/{path.name}"
        text += [f"### {case.name}: {kind}", sentence, f"```python\n{code}\n```"]
        text.append(f"[![{case.title}, {kind}: {sentence}]({shown})]({shown})")
    return [*text, case.left_out] if case.left_out else text


def table() -> str:
    """Return which kind of picture there is of which case."""
    rows = [["", *(case.name for case in CASES)], ["---"] * (1 + len(CASES))]
    for kind in KINDS:
        cells = [f"[see](#{case.name}-{kind})" if kind in case.pictures else "" for case in CASES]
        rows.append([kind, *cells])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    """Draw and write everything."""
    home = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent).resolve()
    folder = home / "gallery"
    folder.mkdir(exist_ok=True)
    os.chdir(folder)  # for what is written by its own line of code
    text = [
        "# Gallery",
        "Every kind of picture, of five real cases, drawn by `python examples/gallery.py`. Above each stands "
        "the code that draws it; it opens large when one clicks on it.",
        table(),
        "\n".join(f"- {kind}: {meaning}" for kind, meaning in KINDS.items()),
        f"```python{IMPORTS}```",
    ]
    for case in CASES:
        text += section(case, folder)
    (home / "gallery.md").write_text("\n\n".join(text) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
