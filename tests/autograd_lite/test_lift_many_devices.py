"""Lifted programs on several devices, and on several machines that meet: the numbers of one device."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_lite import lift

ROOT = Path(__file__).parents[2]

TRAINED = """
import json, runpy, sys
module = runpy.run_path("examples/many_devices.py")
if len(sys.argv) > 1:
    module["join"](*sys.argv[1:])
import jax
costs, share = module["train"](20)
devices = {"devices": jax.device_count(), "here": jax.local_device_count()}
print(json.dumps({"costs": costs, "share": share, **devices}))
"""

SPLIT = """
import json
import jax, numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from autograd_lite import lift
from tests.autograd_lite.test_lift_many_devices import cost, data
W, X = data()
mesh = Mesh(np.array(jax.devices()), ("samples",))
X = jax.device_put(X, NamedSharding(mesh, PartitionSpec("samples")))
program = jax.jit(lift(cost, argnums=(0, 1), in_axes=(None, 0), xp=jax.numpy))
value, (dW, dX) = program(W, X)
text = program.lower(W, X).compile().as_text()
shards = [list(shard.data.shape) for shard in dX.addressable_shards]
print(json.dumps({
    "value": float(value), "dW": dW.tolist(), "dX": dX.tolist(), "shards": shards,
    "sums": text.count(" all-reduce("), "gathers": text.count(" all-gather("),
}))
"""


def cost(W: Any, x: Any) -> Any:
    return sum(sum(w * v for w, v in zip(row, x, strict=True)).tanh() ** 2 for row in W) * x[0]


def data() -> tuple[Any, Any]:
    random = np.random.default_rng(0)
    return random.normal(size=(3, 4)), random.normal(size=(16, 4))


def started(code: str, *arguments: str, devices: int = 1) -> subprocess.Popen[str]:
    environment = os.environ | {
        "JAX_ENABLE_X64": "1",
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}",
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE
    )


def result(process: subprocess.Popen[str]) -> dict[str, Any]:
    output, _ = process.communicate(timeout=240)
    assert process.returncode == 0
    found: dict[str, Any] = json.loads(output.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def on_one() -> dict[str, Any]:
    """What training on one device gives."""
    pytest.importorskip("jax")
    pytest.importorskip("sklearn")
    return result(started(TRAINED))


@pytest.mark.slow
def test_digits_on_eight_devices(on_one: dict[str, Any]) -> None:
    found = result(started(TRAINED, devices=8))
    assert (on_one["devices"], found["devices"]) == (1, 8)
    assert found["costs"] == pytest.approx(on_one["costs"], rel=1e-12)
    assert found["share"] == on_one["share"] > 0.8


@pytest.mark.slow
def test_digits_in_two_processes_that_meet(on_one: dict[str, Any]) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    processes = [started(TRAINED, address, "2", str(number)) for number in range(2)]
    for found in map(result, processes):
        assert (found["devices"], found["here"]) == (2, 1)
        assert found["costs"] == pytest.approx(on_one["costs"], rel=1e-12)
        assert found["share"] == on_one["share"]


@pytest.mark.slow
def test_samples_stay_where_they_are() -> None:
    pytest.importorskip("jax")
    found = result(started(SPLIT, devices=8))
    value, (dW, dX) = lift(cost, argnums=(0, 1), in_axes=(None, 0))(*data())
    assert found["value"] == pytest.approx(value, rel=1e-13)
    np.testing.assert_allclose(found["dW"], dW, rtol=1e-12)
    np.testing.assert_allclose(found["dX"], dX, rtol=1e-12)
    # Each device keeps its two samples, what it adds up is sent, and no sample is.
    assert found["shards"] == [[2, 4]] * 8
    assert found["sums"] > 0 == found["gathers"]
