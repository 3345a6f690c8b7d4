"""The shell: ``python -m autograd_lite`` shows what this project does on real data.

Here the command line is read and files are written; what the tour computes, says and shows stands in
``nn.tour``. ``explain``, ``draw`` and ``explore`` are for a formula of one's own, ``lab`` for a
network of one's own, and ``playground`` for programs typed in a browser. This is the one place in
the engine's package that takes ``nn``; it goes by the second door, which no other ``nn`` can shut.
"""

from __future__ import annotations

import argparse
import os
import sys
import webbrowser
from collections.abc import Sequence
from errno import EACCES
from io import TextIOWrapper
from pathlib import Path
from subprocess import SubprocessError
from typing import Any

from autograd_lite import Value, draw, explain, explore
from autograd_lite.files import write_whole
from autograd_lite.nn import ACTIVATIONS, HIDDEN_BY, laboratory, playground, tour
from autograd_lite.nn import data as datasets
from autograd_lite.parse import Formula, FormulaError, number

_DESCRIPTION = """\
One neuron, its gradients and its graph; a network trained on data; and the proof:
every gradient of that network by the scalar engine, the matrix formulas, the index
loops and difference quotients, side by side; on a screenful, and on a page to look at.
Or, with a command, a formula of your own, the laboratory of networks, or the
playground, a site on which one types Python."""

_EPILOG = """examples:
  python -m autograd_lite
  python -m autograd_lite --dataset moons --layers 16 16 --activation relu
  python -m autograd_lite --dataset flowers.csv --epochs 200 --output results
  python -m autograd_lite explain "tanh(z := w*x + b)" w=0.5 x=2 b=-1.5 --wrt w
  python -m autograd_lite draw "tanh(z := w*x + b)" w=0.5 x=2 b=-1.5 --output neuron.svg
  python -m autograd_lite explore "(tanh(z := w*x + b) - y)**2" w=0.5 x=2 b=-1.5 y=1
  python -m autograd_lite lab --open
  python -m autograd_lite playground site --serve"""

_COMMANDS = {
    "explain": "spell out the chain rule for one variable of a formula",
    "draw": "draw the graph of a formula, with values and gradients",
    "explore": "write a page on which one steps through backpropagation of a formula",
}


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
        help=f"{', '.join(datasets.DATASETS)}, or a CSV file whose last column is the class (default: iris)",
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
    parser.add_argument("--open", action="store_true", help="open the page, index.html, in a browser")
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
    _add_pages(commands)


def _add_pages(commands: Any) -> None:
    """Add the commands that take no formula."""
    summary = "write the laboratory, a page on which one builds networks and trains them"
    lab = commands.add_parser("lab", help=summary, description=f"{summary.capitalize()}.")
    lab.add_argument(
        "output",
        type=Path,
        nargs="?",
        default=Path("laboratory.html"),
        metavar="FILE",
        help="default: laboratory.html",
    )
    lab.add_argument("--open", action="store_true", help="open the page in a browser")
    lab.set_defaults(run=_lab)
    summary = "write a site on which one types Python and sees backpropagation, with nothing to install"
    site = commands.add_parser("playground", help=summary, description=f"W{summary[1:]}.")
    site.add_argument(
        "folder",
        type=Path,
        nargs="?",
        default=Path("playground"),
        metavar="FOLDER",
        help="default: playground",
    )
    site.add_argument(
        "--offline",
        action="store_true",
        help="copy Pyodide and all else beside the page, by npm: about 17 MB",
    )
    site.add_argument("--serve", action="store_true", help="serve it, to this machine alone, until Ctrl+C")
    site.set_defaults(run=_playground)


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
    print(f"Written: {picture.save(options.output)}")


def _explore(options: argparse.Namespace) -> None:
    print(f"Written: {explore(_read(options).root, options.output).path}")


def _lab(options: argparse.Namespace) -> None:
    page = laboratory(options.output)
    print(f"Written: {page.path}{'' if options.open else '   (--open opens it)'}")
    if options.open and page.path:
        _open(page.path)


def _playground(options: argparse.Namespace) -> None:
    page = playground.write_playground(options.folder, offline=options.offline)
    if not options.serve:
        print(f"Written: {page}   (--serve shows it, or any server of files: a double click does not)")
        return
    server, address = playground.server_of(options.folder)
    with server:
        print(f"Look at it: {address}   (Ctrl+C ends it)", flush=True)
        server.serve_forever()


def _tour(options: argparse.Namespace) -> None:
    if HIDDEN_BY:
        _complain(f"nn is {HIDDEN_BY} here; this project's, used below, is autograd_lite.nn in your programs")
    data = _load(options.dataset, options.seed)
    parts, mlp = tour.prepare(data, options.layers, options.activation, options.seed)
    # Nothing is written before this line, up to which bad input is found out.
    folder = _folder(options.output)
    neuron = tour.example_neuron()
    picture = draw(neuron).pipe(format="svg")
    print(tour.neuron_text(neuron), flush=True)
    training = tour.train(data, parts, mlp, options.epochs)
    print(tour.training_text(training), flush=True)
    print(tour.comparison_title(training), flush=True)
    comparison = tour.compare(training)
    print(tour.comparison_text(comparison), flush=True)
    page = _write(folder, neuron, picture, training, comparison)
    print(f"\nLook at it: {page}{'' if options.open else '   (--open opens it)'}")
    if options.open:
        _open(page)
    print(f"{tour.verdict(comparison)}.")


def _load(name: str, seed: int) -> datasets.Dataset:
    path = Path(name)
    # With a folder or a suffix it is meant as a file, be there one or not.
    if name not in datasets.DATASETS and (path.exists() or path.suffix or path.name != name):
        return datasets.read_csv(path)
    return datasets.load_dataset(name, seed)


def _folder(path: Path) -> Path:
    """Return a folder that is there, made if need be, and can be written to."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FileExistsError(f"{path} is a file: give a folder, --output FOLDER") from None
    except OSError as error:
        raise _unwritten(path, error) from error
    if not os.access(path, os.W_OK):
        raise _unwritten(path, PermissionError(EACCES, os.strerror(EACCES)))
    return path


def _unwritten(path: Path, error: OSError) -> OSError:
    reason = error.strerror or ("it is a folder" if path.is_dir() else error)
    return OSError(f"{path} cannot be written ({reason}): give another folder, --output FOLDER")


def _write(
    folder: Path, neuron: Value, picture: bytes, training: tour.Training, comparison: tour.Comparison
) -> Path:
    """Write all files, each whole or not at all, and last the page that shows them; return its path."""
    sample, cost = tour.sample_cost(training)
    path = folder / "neuron.svg"
    try:
        write_whole(path, picture)
        path = folder / "gradients.txt"
        write_whole(path, f"{comparison.report}\n".encode())
        path = folder / "weights.json"
        training.mlp.save(path)
        path = folder / "neuron.html"
        explore(neuron, path, title="One neuron")
        path = folder / "network.html"
        refusal = tour.network_page(training, cost, path)
        path = folder / "index.html"
        page = tour.tour_page(neuron, training, sample, cost, comparison, refusal)
        write_whole(path, page.encode())
    except OSError as error:
        raise _unwritten(path, error) from error
    return path


def _open(page: Path) -> None:
    if not webbrowser.open(page.resolve().as_uri()):
        _complain(f"there is no browser here to open it with: open {page} yourself")


if __name__ == "__main__":
    sys.exit(main())
