"""Parameters as a whole: zeroing, state, and files of weights that are whole or not there at all."""

import errno
import json
import math
import os
import sys
import zipfile
from io import BytesIO

import numpy as np
import pytest

import nn.module
from nn import MLP, Layer, Module, Neuron

FORMATS = ["json", "npz"]
# Numbers whose last bit a careless format loses.
HARD = [0.1, -0.0, 5e-324, -1.7976931348623157e308, 1 / 3, 2.0**-1074 * 3, math.pi, 1e22, 9007199254740993.0]


@pytest.fixture
def mlp():
    mlp = MLP(2, [2, 1], seed=7)
    for p, number in zip(mlp.parameters(), HARD, strict=True):
        p.data = number
    return mlp


def bits(module):
    return [(name, number.hex(), type(number)) for name, number in module.state_dict().items()]


def files(folder):
    return sorted(path.name for path in folder.iterdir())


# ------------------------------------------------------------------------------ in memory


def test_zero_grad_sets_every_gradient_to_zero(mlp):
    for p in mlp.parameters():
        p.grad = 5.0

    mlp.zero_grad()

    assert [p.grad for p in mlp.parameters()] == [0] * 9


def test_state_goes_from_one_network_to_another(mlp):
    twin = MLP(2, [2, 1], seed=0)

    twin.load_state_dict(mlp.state_dict())

    assert bits(twin) == bits(mlp)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda state: state.pop("b[2][0]"), ValueError, "no value for b[2][0]"),
        (lambda state: state.update({"w[3][0,0]": 1.0}), ValueError, "no parameter w[3][0,0]"),
        (lambda state: state.update({5: 1.0}), ValueError, "no parameter 5"),
        (
            lambda state: state.update({"b[2][0]": "1"}),
            TypeError,
            "b[2][0]: a Value holds one real number, not str",
        ),
        (lambda state: state.update({"b[2][0]": None}), TypeError, "b[2][0]: a Value holds one real number"),
        (lambda state: state.clear(), ValueError, "w[1][0,0], w[1][0,1], w[1][1,0] and 6 more; shapes:"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(mlp, change, error, message):
    before, state = bits(mlp), dict.fromkeys(mlp.state_dict(), 1.0)
    change(state)

    with pytest.raises(error) as caught:
        mlp.load_state_dict(state)

    assert message in str(caught.value)
    assert bits(mlp) == before


def test_a_module_says_what_its_parameters_are():
    with pytest.raises(NotImplementedError):
        Module().parameters()


# ------------------------------------------------------------------------------ there and back


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("bias", ["neuron", "layer", None])
def test_saving_and_loading_keeps_every_bit(tmp_path, suffix, bias):
    mlp, twin = MLP(3, [4, 2], bias=bias, seed=1), MLP(3, [4, 2], bias=bias, seed=2)
    for p, number in zip(mlp.parameters(), HARD, strict=False):
        p.data = number

    mlp.save(tmp_path / f"weights.{suffix}")
    loaded = twin.load(str(tmp_path / f"weights.{suffix}"))

    assert loaded is twin
    assert bits(twin) == bits(mlp)
    assert files(tmp_path) == [f"weights.{suffix}"]


@pytest.mark.parametrize("module", [Neuron(3, seed=1), Layer(2, 3, bias="layer", seed=1)])
@pytest.mark.parametrize("suffix", FORMATS)
def test_single_neurons_and_layers_are_saved_too(tmp_path, module, suffix):
    before = bits(module)
    module.save(tmp_path / f"w.{suffix}")
    for p in module.parameters():
        p.data = 0.0

    module.load(tmp_path / f"w.{suffix}")

    assert bits(module) == before


@pytest.mark.parametrize("suffix", FORMATS)
def test_saving_twice_gives_the_same_bytes(tmp_path, mlp, suffix):
    for name in ("one", "two"):
        mlp.save(tmp_path / f"{name}.{suffix}")

    assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()


def test_the_json_file_is_plain_to_read(tmp_path, mlp):
    mlp.save(tmp_path / "w.json")

    content = json.loads((tmp_path / "w.json").read_text(encoding="utf-8"))
    assert content["parameters"] == mlp.state_dict()


@pytest.mark.parametrize("suffix", FORMATS)
def test_whole_numbers_and_numpys_come_back_as_floats(tmp_path, mlp, suffix):
    mlp.parameters()[0].data, mlp.parameters()[1].data = 3, np.float64(0.1)

    mlp.save(tmp_path / f"w.{suffix}")
    mlp.load(tmp_path / f"w.{suffix}")

    assert bits(mlp)[:2] == [("w[1][0,0]", (3.0).hex(), float), ("w[1][0,1]", (0.1).hex(), float)]


# ------------------------------------------------------------------------------ the file itself

not_on_windows = pytest.mark.skipif(os.name == "nt", reason="POSIX permissions, links and limits")


@not_on_windows
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_a_new_file_has_the_permissions_of_an_ordinary_one(tmp_path, mlp, umask, mode):
    before = os.umask(umask)
    try:
        mlp.save(tmp_path / "w.json")
    finally:
        os.umask(before)

    assert (tmp_path / "w.json").stat().st_mode & 0o777 == mode


@not_on_windows
def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path, mlp):
    mlp.save(tmp_path / "w.json")
    (tmp_path / "w.json").chmod(0o604)

    mlp.save(tmp_path / "w.json")

    assert (tmp_path / "w.json").stat().st_mode & 0o777 == 0o604


@not_on_windows
def test_a_link_leads_to_the_new_weights(tmp_path, mlp):
    (tmp_path / "runs").mkdir()
    (tmp_path / "latest.json").symlink_to(tmp_path / "runs" / "7.json")

    mlp.save(tmp_path / "latest.json")

    assert (tmp_path / "latest.json").is_symlink()
    assert bits(MLP(2, [2, 1]).load(tmp_path / "runs" / "7.json")) == bits(mlp)


def fails_on_fsync(monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(nn.module.os, "fsync", full)


def fails_on_replace(monkeypatch):
    def refused(source, target):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(nn.module.os, "replace", refused)


def is_interrupted(monkeypatch):
    def interrupted(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(nn.module.os, "fsync", interrupted)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    ("fault", "error"),
    [(fails_on_fsync, OSError), (fails_on_replace, OSError), (is_interrupted, KeyboardInterrupt)],
)
def test_a_failed_save_leaves_the_old_file_and_no_other(tmp_path, mlp, monkeypatch, suffix, fault, error):
    path = tmp_path / f"w.{suffix}"
    mlp.save(path)
    before = path.read_bytes()
    mlp.parameters()[0].data = 123.0
    fault(monkeypatch)

    with pytest.raises(error):
        mlp.save(path)

    assert path.read_bytes() == before
    assert files(tmp_path) == [path.name]


@not_on_windows
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_write_that_the_system_cuts_short_leaves_the_old_file_and_no_other(tmp_path, mlp, suffix):
    import resource

    path = tmp_path / f"w.{suffix}"
    path.write_bytes(b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            mlp.save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert path.read_bytes() == b"old"
    assert files(tmp_path) == [path.name]


@pytest.mark.parametrize("suffix", [".json", ".npz"])
def test_saving_over_a_folder_says_so(tmp_path, mlp, suffix):
    folder = tmp_path / f"weights{suffix}"
    folder.mkdir()

    with pytest.raises(
        IsADirectoryError, match=rf"weights\{suffix} is a folder: give the path of a file in it"
    ):
        mlp.save(folder)

    assert files(tmp_path) == [folder.name]


@not_on_windows
@pytest.mark.parametrize("links", [{"a.json": "a.json"}, {"a.json": "b.json", "b.json": "a.json"}])
def test_saving_to_a_link_that_leads_in_a_circle_says_so(tmp_path, mlp, links):
    for link, target in links.items():
        (tmp_path / link).symlink_to(tmp_path / target)

    with pytest.raises(OSError, match="the link leads in a circle") as caught:
        mlp.save(tmp_path / "a.json")

    assert caught.value.errno == errno.ELOOP
    assert files(tmp_path) == sorted(links)


def test_saving_into_a_missing_folder_says_so(tmp_path, mlp):
    with pytest.raises(
        FileNotFoundError, match=r"there is no folder .*missing to write w\.json in: make it first"
    ):
        mlp.save(tmp_path / "missing" / "w.json")

    assert files(tmp_path) == []


@pytest.mark.parametrize("name", ["w.txt", "w", "w.JSON", "w.npy", ".json"])
@pytest.mark.parametrize("method", ["save", "load"])
def test_other_endings_are_refused(tmp_path, mlp, name, method):
    with pytest.raises(ValueError, match=r"^a file of weights ends in \.json or \.npz, not '"):
        getattr(mlp, method)(tmp_path / name)

    assert files(tmp_path) == []


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    "number",
    [math.nan, math.inf, -math.inf, 10**400, 2**53 + 1, "1.0", None, 1j],
    ids=lambda number: repr(number)[:9],
)
def test_what_is_no_finite_float_is_not_saved(tmp_path, mlp, suffix, number):
    path = tmp_path / f"w.{suffix}"
    path.write_bytes(b"old")
    mlp.biases(2)[0].data = number

    with pytest.raises(ValueError, match=r"b\[2\]\[0\] is .*; a file of weights holds finite floats"):
        mlp.save(path)

    assert path.read_bytes() == b"old"
    assert files(tmp_path) == [path.name]


# ------------------------------------------------------------------------------ damaged files


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_cut_short_anywhere_is_refused(tmp_path, mlp, suffix):
    path = tmp_path / f"w.{suffix}"
    mlp.save(path)
    whole = path.read_bytes().rstrip(b"\n")
    twin = MLP(2, [2, 1], seed=0)
    before = bits(twin)

    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="is not a complete file of weights"):
            twin.load(path)

    assert bits(twin) == before


def test_a_flipped_byte_in_an_npz_file_changes_no_weight_unnoticed(tmp_path, mlp):
    path = tmp_path / "w.npz"
    mlp.save(path)
    whole = path.read_bytes()
    noticed = 0

    for i in range(len(whole)):
        twin = MLP(2, [2, 1], seed=0)
        before = bits(twin)
        path.write_bytes(whole[:i] + bytes([whole[i] ^ 0xFF]) + whole[i + 1 :])
        try:
            twin.load(path)
        except ValueError:
            noticed += 1
            assert bits(twin) == before
        else:
            assert bits(twin) == bits(mlp)

    assert noticed > len(whole) / 2


def npz(**arrays):
    file = BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def npy(array):
    file = BytesIO()
    np.save(file, array)
    return file.getvalue()


def zipped(content):
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("names.npy", content)
    return file.getvalue()


FORMAT = '"format": "autograd-lite weights 1"'


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        ("json", b""),
        ("json", b"not json"),
        ("json", b"\xff\xfe{"),
        ("json", b"[1, 2]"),
        ("json", b"{}"),
        ("json", b"null"),
        ("json", b"[" * 100_000),
        ("json", b'{"parameters": {}}'),
        ("json", b'{"format": "another", "parameters": {}}'),
        ("json", f"{{{FORMAT}}}".encode()),
        ("json", f'{{{FORMAT}, "parameters": [1.0]}}'.encode()),
        ("json", f'{{{FORMAT}, "parameters": {{"b[2][0]": NaN}}}}'.encode()),
        ("json", f'{{{FORMAT}, "parameters": {{"b[2][0]": 1e999}}}}'.encode()),
        ("json", f'{{{FORMAT}, "parameters": {{"b[2][0]": "1.0"}}}}'.encode()),
        ("json", f'{{{FORMAT}, "parameters": {{"b[2][0]": null}}}}'.encode()),
        ("json", f'{{{FORMAT}, "parameters": {{"b[2][0]": [1.0]}}}}'.encode()),
        ("npz", b""),
        ("npz", b"PK\x03\x04 and no more"),
        ("npz", npy(np.array([1.0]))),
        ("npz", npy(np.array([{}], dtype=object))),
        ("npz", npz(names=np.array(["b[2][0]"]))),
        ("npz", npz(names=np.array(["b[2][0]"]), data=np.array([1.0, 2.0]))),
        ("npz", npz(names=np.array(["b[2][0]"]), data=np.array([np.nan]))),
        ("npz", npz(names=np.array(["b[2][0]"]), data=np.array(["1.0"]))),
        ("npz", npz(names=np.array(["b[2][0]"]), data=np.array([1j]))),
        ("npz", npz(names=np.array(["b[2][0]"]), data=np.array([1.0], dtype=object))),
        ("npz", npz(names=np.array("b[2][0]"), data=np.array(1.0))),
        ("npz", npz(names=np.array([["b[2][0]"]]), data=np.array([1.0]))),
        (
            "npz",
            zipped(b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f8', 'fortran_order': False, 'shape': (10**30,)}"),
        ),
    ],
    ids=lambda part: repr(part[-40:]),
)
def test_what_is_no_file_of_weights_is_refused(tmp_path, mlp, suffix, content):
    path = tmp_path / f"w.{suffix}"
    path.write_bytes(content)
    before = bits(mlp)

    with pytest.raises(ValueError, match="is not a complete file of weights") as caught:
        mlp.load(path)

    assert str(path) in str(caught.value)
    assert bits(mlp) == before


def test_a_pickle_in_a_file_of_weights_is_not_run(tmp_path, mlp):
    class Mischief:
        def __reduce__(self):
            return sys.exit, ("the pickle was run",)

    names = np.array(list(mlp.state_dict()))
    (tmp_path / "w.npz").write_bytes(npz(names=names, data=np.array([Mischief()] * 9, dtype=object)))

    with pytest.raises(ValueError, match="is not a complete file of weights"):
        mlp.load(tmp_path / "w.npz")


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize(
    ("other", "shapes"),
    [
        (MLP(2, [3, 1]), "w[1] (3, 2), b[1] (3,), w[2] (1, 3), b[2] (1,) given"),
        (MLP(3, [2, 1]), "w[1] (2, 3), b[1] (2,), w[2] (1, 2), b[2] (1,) given"),
        (MLP(2, [2, 1], bias=None), "w[1] (2, 2), w[2] (1, 2) given"),
        (MLP(2, [2, 1], bias="layer"), "w[1] (2, 2), b[1], w[2] (1, 2), b[2] given"),
        (MLP(2, [2]), "w[1] (2, 2), b[1] (2,) given"),
        (Layer(2, 2), "w (2, 2), b (2,) given"),
        (Layer(2, 2, bias="layer"), "w (2, 2), b given"),
        (Neuron(2), "w (2,), b given"),
    ],
)
def test_weights_of_another_shape_are_refused_with_both_shapes(tmp_path, mlp, other, shapes, suffix):
    other.save(tmp_path / f"w.{suffix}")
    before = bits(mlp)

    with pytest.raises(ValueError, match="is of a network of another shape") as caught:
        mlp.load(tmp_path / f"w.{suffix}")

    assert "shapes: w[1] (2, 2), b[1] (2,), w[2] (1, 2), b[2] (1,) here" in str(caught.value)
    assert shapes in str(caught.value)
    assert bits(mlp) == before


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_file_that_is_not_there_cannot_be_read(tmp_path, mlp, suffix):
    with pytest.raises(FileNotFoundError, match="w"):
        mlp.load(tmp_path / f"w.{suffix}")
