"""The shell: ``python -m autograd_lite`` shows what this project does on real data.

One neuron and its graph, a network trained on real flowers, and every gradient of it by four methods; and
``explain``, ``draw`` and ``explore`` for a formula of one's own. This is the one place in the engine's
package that imports ``nn``.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from subprocess import SubprocessError

from autograd_lite import Value, draw, explain, explore
from autograd_lite.parse import Formula, FormulaError, number
from nn import ACTIVATIONS, MLP, Neuron, accuracy, fit
from nn.compare import compare_gradients
from nn.data import DATASETS, Dataset, load_dataset, read_csv

_DESCRIPTION = """\
One neuron, its gradients and its graph; a network trained on data; and the proof:
every gradient of that network by the scalar engine, the matrix formulas, the index
loops and difference quotients, side by side. Or, with a command, a formula of your own."""

_EPILOG = """examples:
  python -m autograd_lite
  python -m autograd_lite --dataset moons --layers 16 16 --activation relu
  python -m autograd_lite --dataset flowers.csv --epochs 200 --output results
  python -m autograd_lite explain "tanh(w*x + b)" w=0.5 x=2 b=-1 --wrt w
  python -m autograd_lite draw "tanh(z := w*x + b)" w=0.5 x=2 b=-1 --output neuron.svg
  python -m autograd_lite explore "(tanh(w*x + b) - y)**2" w=0.5 x=2 b=-1 y=1"""

_COMMANDS = {
    "explain": "spell out the chain rule for one variable of a formula",
    "draw": "draw the graph of a formula, with values and gradients",
    "explore": "write a page on which one steps through backpropagation of a formula",
}

# The difference quotients cost two passes through the network for each parameter and sample.
_MOST_DIFFERENCES = 10_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tour and return the exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line without the program; by default that of the process.

    Returns
    -------
    int
        0; 2 where the input is at fault, with a message on standard error; 130 after Ctrl-C.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        # A path may hold bytes that are no text.
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        try:
            options = _parser().parse_args(_with_formula(sys.argv[1:] if arguments is None else arguments))
            options.run(options)
        finally:
            print(end="", flush=True)
    except BrokenPipeError:
        # The reader of the output has left, as `head` does: what is still to be printed goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, ArithmeticError, RuntimeError, SubprocessError) as error:
        _complain(str(error))
        return 2
    except KeyboardInterrupt:
        _complain("interrupted")
        return 130
    return 0


def _complain(text: str) -> None:
    # Without a standard error, print would take the standard output.
    if sys.stderr is not None:
        print(f"autograd-lite: {text}", file=sys.stderr)


def _with_formula(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with a blank before a formula that begins with a minus: it is no option."""
    command, *rest = arguments or [""]
    if command in _COMMANDS and rest and rest[0].startswith("-") and rest[0] not in ("-h", "--help"):
        is_option = rest[0].startswith("--") and rest[0][2:3].isalpha() and "(" not in rest[0]
        rest[0] = rest[0] if is_option else f" {rest[0]}"
    return [command, *rest] if arguments else []


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m autograd_lite",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--dataset",
        default="iris",
        metavar="NAME",
        help=f"{', '.join(DATASETS)}, or a CSV file whose last column is the class (default: iris)",
    )
    parser.add_argument(
        "--layers",
        type=_positive,
        nargs="+",
        default=[8],
        metavar="N",
        help="neurons in each hidden layer (default: 8)",
    )
    parser.add_argument(
        "--activation",
        default="tanh",
        metavar="NAME",
        help=f"of the hidden layers: {', '.join(ACTIVATIONS)} (default: tanh)",
    )
    parser.add_argument(
        "--epochs", type=_positive, default=100, metavar="N", help="at most so many (default: 100)"
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of the data, the split and the weights (default: 0)"
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("autograd-lite-output"),
        metavar="FOLDER",
        help="where the files go (default: autograd-lite-output)",
    )
    parser.set_defaults(run=_tour)
    _add_commands(parser)
    return parser


def _add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the commands that take a formula."""
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    parsers = {
        name: commands.add_parser(name, help=summary, description=f"{summary.capitalize()}.")
        for name, summary in _COMMANDS.items()
    }
    for command in parsers.values():
        command.add_argument(
            "formula", help='arithmetic and functions, "tanh(w*x + b)"; (z := w*x) gives a part a name'
        )
        command.add_argument(
            "values", nargs="*", type=_assignment, metavar="NAME=NUMBER", help="a number for every name"
        )
    explain_, draw_, explore_ = parsers.values()
    explain_.add_argument("--wrt", metavar="NAME", help="the variable (default: each in turn)")
    explain_.add_argument(
        "--format", choices=["text", "markdown", "latex", "mathml"], default="text", help="default: text"
    )
    explain_.set_defaults(run=_explain)
    draw_.add_argument(
        "--output", type=Path, default=Path("formula.svg"), metavar="FILE", help="default: formula.svg"
    )
    draw_.add_argument("--partials", action="store_true", help="write the local derivatives on the edges")
    draw_.add_argument("--highlight", metavar="NAME", help="show the paths from this variable")
    draw_.set_defaults(run=_draw)
    explore_.add_argument(
        "--output", type=Path, default=Path("formula.html"), metavar="FILE", help="default: formula.html"
    )
    explore_.set_defaults(run=_explore)


def _assignment(text: str) -> tuple[str, float]:
    name, equals, value = (part.strip() for part in text.partition("="))
    name = name.replace(" ", "")
    if not (name and equals and value):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=NUMBER, such as w=0.5")
    try:
        return name, number(value)
    except (ValueError, ArithmeticError) as error:
        raise argparse.ArgumentTypeError(f"{text!r}: {error}") from None


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def _read(options: argparse.Namespace) -> Formula:
    names = [name for name, _ in options.values]
    if twice := [name for name in names if names.count(name) > 1]:
        raise FormulaError(f"{twice[0]} is given twice")
    formula = Formula(options.formula, dict(options.values))
    formula.root.backward()
    return formula


def _leaf(formula: Formula, name: str) -> Value:
    try:
        return formula.leaves[name]
    except KeyError:
        known = ", ".join(formula.leaves) or "none"
        raise FormulaError(f"there is no variable {name!r}; the formula's are: {known}") from None


def _explain(options: argparse.Namespace) -> None:
    formula = _read(options)
    names = [options.wrt] if options.wrt else list(formula.leaves)
    if not names:
        raise FormulaError(f"{options.formula} has no variable to differentiate by")
    derivations = [explain(formula.root, _leaf(formula, name)) for name in names]
    print("\n\n".join(getattr(derivation, options.format)() for derivation in derivations))


def _draw(options: argparse.Namespace) -> None:
    formula = _read(options)
    chosen = _leaf(formula, options.highlight) if options.highlight else None
    picture = draw(formula.root, partials=options.partials, highlight=chosen)
    image = picture.pipe(format=options.output.suffix.removeprefix(".").lower() or "svg")
    options.output.write_bytes(image)
    print(f"Written: {options.output}")


def _explore(options: argparse.Namespace) -> None:
    print(f"Written: {explore(_read(options).root, options.output).path}")


def _tour(options: argparse.Namespace) -> None:
    data = _load(options.dataset, options.seed)
    # Too few samples, such as the four of XOR, are all trained on.
    raw = data.split(seed=options.seed) if len(data) >= 10 else (data,)
    parts = [part.standardized(like=raw[0]) for part in raw]
    widths = [*options.layers, len(data.class_names)]
    mlp = MLP(len(data.feature_names), widths, options.activation, seed=options.seed)
    # Nothing is written before this line, up to which bad input is found out.
    options.output.mkdir(parents=True, exist_ok=True)
    written = [_show_neuron(options.output)]
    _show_training(mlp, parts, options.epochs)
    written.append(options.output / "weights.json")
    mlp.save(written[-1])
    written.append(_show_gradients(mlp, parts[0], options.output))
    print("\nWritten:")
    for path in written:
        print(f"  {path}")


def _load(name: str, seed: int) -> Dataset:
    path = Path(name)
    # With a folder or a suffix it is meant as a file, be there one or not.
    if name not in DATASETS and (path.exists() or path.suffix or path.name != name):
        return read_csv(path)
    return load_dataset(name, seed)


def _show_neuron(folder: Path) -> Path:
    print("1. One neuron: a = tanh(b + w[0]·x[0] + w[1]·x[1])\n")
    neuron = Neuron(2, "tanh")
    for parameter, data in zip(neuron.parameters(), (-3.0, 1.0, 6.5), strict=True):
        parameter.data = data
    x = [Value(2.0, "x[0]"), Value(0.5, "x[1]")]
    a = neuron(x)
    a.backward()
    (z,) = a.parents
    print(f"   z = {z.data:g}   a = {a.data:.6g}\n")
    for node in (*neuron.parameters(), *x):
        partial = z.partials[z.parents.index(node)]
        print(
            f"   ∂a/∂{node.label:<4} = ∂a/∂z · ∂z/∂{node.label:<4} "
            f"= {a.partials[0]:.6g} · {partial:>4g} = {node.grad:.6g}"
        )
    path = folder / "neuron.svg"
    # Rendering into the folder would pass through a file neuron.gv, which may be the reader's own.
    path.write_bytes(draw(a).pipe(format="svg"))
    return path


def _show_training(mlp: MLP, parts: Sequence[Dataset], epochs: int) -> None:
    train = parts[0]
    print(
        f"\n2. A network on {train.name}: {len(train)} samples, {len(train.class_names)} classes, {mlp!r}\n",
        flush=True,
    )
    history = fit(
        mlp,
        train.inputs,
        train.labels,
        cost="cross_entropy",
        learning_rate=0.5,
        epochs=epochs,
        tolerance=0.01,
    )
    print(f"   {history}")
    for what, part in zip(("training", "held-out"), parts, strict=False):
        share = accuracy(mlp, part.inputs, part.labels)
        print(f"   accuracy on {len(part)} {what} samples: {share:.1%}")


def _show_gradients(mlp: MLP, train: Dataset, folder: Path) -> Path:
    count = min(len(train), max(1, _MOST_DIFFERENCES // len(mlp.parameters())))
    print(f"\n3. Every gradient of this network, for {count} training samples, four ways:\n", flush=True)
    report = compare_gradients(mlp, train.inputs[:count], train.labels[:count], "cross_entropy")
    print(report)
    engine, *others = report.methods.values()
    matrix, loops, quotients = (_digits(engine, gradients) for gradients in others)
    print(
        f"\n{len(engine)} gradients, four ways: engine, matrix and loops agree to {min(matrix, loops)} "
        f"digits of the largest, difference quotients to {quotients}."
    )
    path = folder / "gradients.txt"
    path.write_text(f"{report}\n", encoding="utf-8")
    return path


def _digits(gradients: Sequence[float], others: Sequence[float]) -> int:
    """Return how many digits of the largest gradient two methods have in common; quotients may be NaN."""
    pairs = [(a, b) for a, b in zip(gradients, others, strict=True) if b == b]
    largest, off = max(abs(a) for a, _ in pairs), max(abs(a - b) for a, b in pairs)
    return math.floor(-math.log10(off / largest)) if off else 16


if __name__ == "__main__":
    sys.exit(main())
