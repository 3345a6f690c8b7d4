"""Makes the pictures of the README, in the folder `pictures` beside this file or another.

With `--page` it makes page.png besides, the beginning of the page that `python -m autograd_lite` writes: by
Chromium, which must be there.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from autograd_lite import Value, draw
from nn import MLP, draw_network, fit, mean_squared_error
from nn.data import moons


def make_pictures(folder):
    """Write the pictures into a folder."""
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-1.5, "b")
    a = (w * x + b).tanh()
    a.label = "a"
    a.backward()
    draw(a, partials=True).save(folder / "neuron.svg")

    mlp = MLP(2, [2, 1], seed=1)
    cost = mean_squared_error(mlp([1.0, 2.0]), 0.5)
    cost.label = "C"
    cost.backward()
    draw(cost, highlight=mlp.weights(1)[0][1]).save(folder / "path.svg")

    data = moons(100, noise=0.1, seed=0)
    learner = MLP(2, [5, 3, 1], seed=2)
    fit(learner, data.inputs, data.signs(), learning_rate=0.1, epochs=100)
    draw_network(learner, x=data.inputs[0]).save(folder / "network.svg")


def picture_page(folder):
    """Write the page of the tour, and a picture of it as it opens on a laptop."""
    with TemporaryDirectory() as output:
        subprocess.run([sys.executable, "-m", "autograd_lite", "--output", output], check=True)
        picture, page = f"--screenshot={folder.resolve() / 'page.png'}", Path(output, "index.html").as_uri()
        switches = ["--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=1120,1130"]
        subprocess.run(["chromium", *switches, picture, page], check=True)


if __name__ == "__main__":
    folders = [Path(argument) for argument in sys.argv[1:] if argument != "--page"]
    folder = folders[0] if folders else Path(__file__).with_name("pictures")
    make_pictures(folder)
    if "--page" in sys.argv:
        picture_page(folder)
