"""A trace file opens in xarray as it is: labelled times and trainings, numbers that fit together.

Usage: open_recording_in_xarray.py PROGRAM, where `PROGRAM FILE` writes a small trace (test_recording.c).
"""

import subprocess
import sys
import tempfile

import numpy as np
import xarray as xr

DIMENSIONS = {
    "loss": ("training", "time"), "limit_loss": ("training", "time"), "bias": ("training", "time"),
    "position": ("training", "time", "neuron"), "limit_position": ("training", "time", "neuron"),
    "weight": ("training", "time", "neuron"), "function": ("training", "time", "x"),
    "limit_function": ("training", "time", "x"), "target": ("x",), "status": ("training",)}


def network(x, bias, position, weight, eta):
    z = np.clip((x[:, None] - position) / eta + 0.5, 0, 1)
    return bias + (weight * np.where(z < 0.5, 4 * z**3, 1 - 4 * (1 - z) ** 3)).sum(axis=1)


def check(data):
    assert {name: data[name].dims for name in DIMENSIONS} == DIMENSIONS
    assert set(data.data_vars) == set(DIMENSIONS), "a coordinate is taken for a variable"
    assert set(data.indexes) == {"x", "neuron"}
    assert set(data.coords) == {"x", "neuron", "replicate", "step", "slow_time", "fast_time", "epsilon", "neurons"}
    assert data.replicate.dims == ("training",) and data.replicate.values.tolist() == [3, 0, 4]
    assert data.step.dims == data.slow_time.dims == ("time",)
    assert data.step.values.tolist() == [0, 43, 86, 129, 171, 214, 257, 300]
    assert np.array_equal(data.slow_time, data.epsilon * data.fast_time)
    assert np.allclose(data.fast_time, data.attrs["h"] * data.step, rtol=1e-15)
    for name, variable in data.variables.items():
        assert variable.attrs["units"] == "1" and variable.attrs["long_name"], name
    for name in ("replicate", "step", "status", "neurons", "neuron"):
        assert np.issubdtype(data[name].dtype, np.integer), f"{name} is {data[name].dtype}"
    assert data.attrs["arithmetic_version"] == 2
    assert data.attrs["complete"] == 1 and data.attrs["seed"] == 42 and data.attrs["dynamics"] == "sgd"
    assert data.attrs["configuration"].startswith("title: A small sweep\n")

    third = data.swap_dims(training="replicate").sel(replicate=4).swap_dims(time="step").sel(step=214)
    f = network(data.x.values, float(third.bias), third.position.values, third.weight.values, data.attrs["eta"])
    assert np.allclose(third.function, f, rtol=0, atol=1e-12)
    assert (data.isel(time=0).weight == 0).all() and (data.isel(time=0).position > 0).all()
    assert np.array_equal(data.isel(time=0).position, data.isel(time=0).limit_position)
    jumps = zip(data.attrs["target_jump_at"], data.attrs["target_jump_by"])
    target = data.attrs["target_base"] + sum(by * (data.x.values >= at) for at, by in jumps)
    assert np.array_equal(data.target, target)
    at_start = np.sum(np.diff(data.x) * target[:-1] ** 2)
    assert np.allclose(data.loss.isel(time=0), at_start, rtol=1e-6)
    assert (data.limit_loss.diff("time") <= 0).all()


with tempfile.TemporaryDirectory() as folder:
    path = f"{folder}/trace.nc"
    subprocess.run([sys.argv[1], path], check=True)
    with xr.open_dataset(path, engine="netcdf4") as opened:
        check(opened)
    print("opens in xarray", xr.__version__)
