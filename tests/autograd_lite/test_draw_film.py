"""The film of both passes: what is seen when, by which rule, and that the boxes stay where they are."""

import html
import re

import pytest

from autograd_lite import Value, animate_backward, no_grad
from autograd_lite.draw import film as film_module
from nn import MLP, mean_squared_error

Image = pytest.importorskip("PIL.Image")


@pytest.fixture(autouse=True)
def no_dot(monkeypatch):
    """Draw by graphviz-pure, whatever is installed here."""
    monkeypatch.setenv("PATH", "")


@pytest.fixture
def neuron():
    w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-1.5, "b")
    a = (w * x + b).tanh()
    a.label = "a"
    a.backward()
    return a


@pytest.fixture
def frames_of(monkeypatch, tmp_path):
    """Return a function that makes a film and returns its frames, before they are made of pixels."""

    def frames(root, **options):
        kept = []
        monkeypatch.setattr(film_module, "_image", lambda frame, view: frame)
        monkeypatch.setattr(film_module, "write_film", lambda path, images, seconds: kept.extend(images))
        animate_backward(root, tmp_path / "film.gif", **options)
        return kept

    return frames


def texts(frame):
    return [
        html.unescape(t).replace("\xa0", " ").strip() for t in re.findall(">([^<>]+)<", frame.pipe().decode())
    ]


def told(frame):
    (text,) = [text for text in texts(frame) if text.startswith(("forward:", "backward:"))]
    return re.sub(r"\s+", " ", text)


def test_values_arrive_from_the_leaves_and_gradients_from_the_root(neuron, frames_of):
    first, *lines = [told(frame) for frame in frames_of(neuron)]

    slope = 1 - neuron.data**2
    assert sorted(first.removeprefix("forward: ").split(", ")) == ["b", "w", "x"]
    assert lines[:5] == [
        "forward: v₁ = 1",
        "forward: v₂ = −0.5",
        f"forward: a = −{-neuron.data:.4g}",
        "backward: ∂a/∂a = +1",
        f"backward: ∂a/∂v₂ = ∂a/∂a · ∂a/∂v₂ = 1 · {slope:.4g} = +{slope:.4g}",
    ]
    assert sorted(lines[5:]) == [
        f"backward: ∂a/∂b = ∂a/∂v₂ · ∂v₂/∂b = {slope:.4g} · 1 = +{slope:.4g}",
        f"backward: ∂a/∂v₁ = ∂a/∂v₂ · ∂v₂/∂v₁ = {slope:.4g} · 1 = +{slope:.4g}",
        f"backward: ∂a/∂w = ∂a/∂v₁ · ∂v₁/∂w = {slope:.4g} · 2 = +{2 * slope:.4g}",
        f"backward: ∂a/∂x = ∂a/∂v₁ · ∂v₁/∂x = {slope:.4g} · 0.5 = +{0.5 * slope:.4g}",
    ]
    assert "∂a/∂v₁ =" in "".join(lines[5:7])


def test_no_number_is_seen_before_its_time(neuron, frames_of):
    frames = frames_of(neuron, partials=True)

    values, gradients = [], []
    for frame in frames:
        seen = [text for text in texts(frame) if not text.startswith(("forward", "backward"))]
        values.append(
            {name for name in ("w", "x", "b", "v₁", "v₂", "a") for t in seen if t.startswith(f"{name} = ")}
        )
        gradients.append(
            {
                name
                for name in ("w", "x", "b", "v₁", "v₂", "a")
                if any(t.startswith(f"∂a/∂{name} = +") for t in seen)
            }
        )
    assert values[:4] == [
        {"w", "x", "b"}, {"w", "x", "b", "v₁"}, {"w", "x", "b", "v₁", "v₂"}, {"w", "x", "b", "v₁", "v₂", "a"}
    ]  # fmt: skip
    assert [len(seen) for seen in gradients] == [0, 0, 0, 0, 1, 2, 3, 4, 5, 6]
    assert values[4:] == [values[3]] * 6
    # The local derivatives are of use on the way back.
    assert not any("∂v₁/∂w = 2" in texts(frame) for frame in frames[:4])
    assert all("∂v₁/∂w = 2" in texts(frame) for frame in frames[4:])


def test_a_gradient_arrives_after_those_it_is_made_of(frames_of):
    mlp = MLP(2, [3, 1], seed=1)
    cost = mean_squared_error(mlp([1.0, 2.0]), 0.5)
    cost.backward()

    order = [
        re.search("∂C/∂(\\S+)", line)[1] for f in frames_of(cost) if (line := told(f)).startswith("backward")
    ]

    assert order[0] == "C"
    assert order.index("z²₀") < min(order.index(f"a¹{j}") for j in "₀₁₂")
    for j in "₀₁₂":
        assert order.index(f"a¹{j}") < order.index(f"z¹{j}") < order.index(f"w¹{j}₀")
        assert order.index(f"z¹{j}") < order.index("a⁰₀")
    assert len(order) == len(set(order))


def test_every_box_stays_where_it_is(neuron, frames_of):
    laid_out = [frame.laid_out() for frame in frames_of(neuron, partials=True)]

    places = [{part["name"]: (part["pos"], part["width"]) for part in parts["objects"]} for parts in laid_out]
    assert len(places) == 10
    assert all(seen == places[0] for seen in places)
    assert {parts["bb"] for parts in laid_out} == {laid_out[0]["bb"]}


def test_what_several_paths_bring_is_told_as_their_sum(frames_of):
    x = Value(3.0, "x")
    y = x * x
    y.backward()

    assert told(frames_of(y)[-1]).endswith("= 1 · 3 + 1 · 3 = +6")


def test_of_many_values_some_arrive_at_once(frames_of):
    x = Value(0.5, "x")
    for _ in range(70):
        x = x + 1.0
    y = sum(x * float(i) for i in range(1, 40))
    y.backward()

    assert 20 < len(frames_of(y)) <= 2 * 60 + 1 + 2 * 120


def test_the_film_is_as_large_as_a_slide_and_its_pictures_differ(neuron, tmp_path):
    assert animate_backward(neuron, tmp_path / "film.gif", seconds_per_step=0.5) == tmp_path / "film.gif"

    gif = Image.open(tmp_path / "film.gif")
    assert (gif.size, gif.n_frames, gif.info["duration"]) == ((1280, 720), 10, 500)
    seen = set()
    for i in range(gif.n_frames):
        gif.seek(i)
        seen.add(gif.convert("RGB").tobytes())
    assert len(seen) == 10


def test_the_film_leaves_the_graph_as_it_is(neuron, frames_of):
    before = [(node.data, node.grad) for node in (neuron, *neuron.parents)]

    with no_grad():
        frames_of(neuron)

    assert [(node.data, node.grad) for node in (neuron, *neuron.parents)] == before


def test_what_cannot_be_filmed_is_refused(neuron, tmp_path):
    with pytest.raises(TypeError, match="animate_backward takes a Value"):
        animate_backward(3.0, tmp_path / "a.gif")
    with pytest.raises(ValueError, match=r"ends in \.gif or \.mp4"):
        animate_backward(neuron, tmp_path / "a.svg")
    with pytest.raises(ValueError, match="by layers there is no value to follow"):
        animate_backward(neuron, tmp_path / "a.gif", detail="layers")
    with pytest.raises(ValueError, match=r"call backward\(\) on the root first"):
        animate_backward(Value(1.0) * 2, tmp_path / "a.gif")
    assert not [*tmp_path.iterdir()]
