"""A result file opens in xarray as it is: labelled axes, integer counts, numbers that fit together.

Usage: open_result_in_xarray.py PROGRAM, where `PROGRAM FILE` writes a small result (test_result.c).
"""

import subprocess
import sys
import tempfile

import numpy as np
import xarray as xr


def check(data):
    assert dict(data.sizes) == {
        "epsilon": 3, "neurons": 2, "loss_bin": data.sizes["loss_bin"], "covered": 6, "replicate": 5, "neuron": 9}
    assert list(data.indexes) and set(data.indexes) == set(data.sizes), "an axis has no labels"
    assert data.epsilon.values.tolist() == [0.01, 0.1, 1.0]
    assert data.neurons.values.tolist() == [4, 9]
    assert {"loss_bin_low", "loss_bin_high"} <= set(data.coords)
    for name, variable in data.variables.items():
        assert variable.attrs["units"] == "1" and variable.attrs["long_name"], name
    for name in ("neurons", "trainings", "success_count", "failure_count", "diverged_count", "steps",
                 "limit_trainings", "limit_success_count", "limit_horizon_success_count", "limit_agreement_count",
                 "loss_sum_high", "loss_sum_low", "loss_histogram", "status", "position_success_count",
                 "covered_failure_count", "position_loss_histogram", "covered_jumps", "final_covered_jumps", "covered",
                 "outcome", "position_success", "limit_success"):
        assert np.issubdtype(data[name].dtype, np.integer), f"{name} is {data[name].dtype}"

    cell = data.sel(epsilon=0.1, neurons=9)
    assert cell.trainings == 5 and cell.steps == 300
    assert (data.success_count + data.failure_count + data.diverged_count == data.trainings).all()
    assert (data.loss_histogram.sum("loss_bin") + data.diverged_count == data.trainings).all()
    assert (data.success_rate == data.success_count / data.trainings).all()
    assert ((data.success_low <= data.success_rate) & (data.success_rate <= data.success_high)).all()
    assert ((data.status == 1).sum("replicate") == data.success_count).all()
    assert data.outcome.dims == ("epsilon", "neurons", "replicate") and (data.outcome == data.status).all()
    assert (data.position_success.sum("replicate") == data.position_success_count).all()
    assert np.allclose(data.final_loss.median("replicate"), data.loss_median, rtol=1e-12)
    assert np.allclose(data.final_loss.mean("replicate"), data.loss_mean, rtol=1e-12)
    exact_sum = data.loss_sum_high.astype(float) * 2.0**-12 + data.loss_sum_low.astype(float) * 2.0**-44
    assert np.allclose(data.final_loss.sum("replicate"), exact_sum, rtol=1e-12)
    assert data.final_position.sel(neurons=4).isel(neuron=slice(4, None)).isnull().all()
    assert data.final_position.sel(neurons=9).notnull().all()

    assert data.covered.values.tolist() == [0, 1, 2, 3, 4, 5]
    for counts in (data.position_loss_histogram.sum("loss_bin"), data.covered_jumps.sum("covered")):
        assert (counts + data.diverged_count == data.trainings).all()
    assert (data.position_success_rate == data.position_success_count / data.trainings).all()
    low, high = data.position_success_low, data.position_success_high
    assert ((low <= data.position_success_rate) & (data.position_success_rate <= high)).all()
    covers_all = data.final_covered_jumps == 5
    assert (covers_all.sum("replicate") == data.covered_jumps.sel(covered=5)).all()
    assert ((covers_all & (data.status == 0)).sum("replicate") == data.covered_failure_count).all()
    assert (data.final_position_loss.notnull() == (data.status != 2)).all()
    threshold = data.attrs["loss_floor"] + data.attrs["unexplained_variance"] * data.attrs["target_variance"]
    assert ((data.final_position_loss <= threshold).sum("replicate") == data.position_success_count).all()

    assert data.limit_agreement.dims == ("epsilon", "neurons") and data.limit_success_rate.dims == ("neurons",)
    assert (data.limit_agreement == data.limit_agreement_count / data.trainings).all()
    assert (data.limit_success_rate == data.limit_success_count / data.limit_trainings).all()
    assert data.limit_horizon_success_rate.isnull().all(), "a horizon in steps has no slow time of its own"
    assert data.start_condition_probability.notnull().all()

    loss = float(cell.final_loss[0])
    found = cell.loss_histogram.sel(loss_bin=loss, method="pad")
    assert found.loss_bin_low <= loss < found.loss_bin_high and found > 0
    assert data.loss_median.attrs["quantile_source"] == data.attrs["quantile_source"] == "trainings"
    assert data.attrs["arithmetic_version"] == 2
    assert data.attrs["seed"] == 42 and data.attrs["complete"] == 1 and data.attrs["h"] == 1e-3
    assert data.attrs["configuration"].startswith("title: A small sweep\n")
    assert data.attrs["history"].endswith("Z: timescape run small.yaml")


with tempfile.TemporaryDirectory() as folder:
    path = f"{folder}/result.nc"
    subprocess.run([sys.argv[1], path], check=True)
    with xr.open_dataset(path, engine="netcdf4") as opened:
        check(opened)
    print("opens in xarray", xr.__version__)
