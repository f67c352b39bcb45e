"""The README's plots, drawn from recorded figures."""

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.figures import SLICE_SECONDS
from benchmarks.ways import ONE_AT_A_TIME, PRODUCT, SYNCHRONOUS

COLOURS = {PRODUCT: "#08519c", SYNCHRONOUS: "#6baed6", ONE_AT_A_TIME: "#c6dbef"}
SMOOTH = 5
"""How many slices a point of the throughput is the mean of."""
SIZE = (8, 3.2)


def draw(figures: Path, directory: Path) -> None:
    """Draw throughput and latencies of hot and spread, each beside its baselines."""
    mpl.rcParams.update({"svg.hashsalt": "thrive", "font.size": 9, "svg.fonttype": "none"})
    found = json.loads(figures.read_text(encoding="utf-8"))["figures"]
    for name, one in (("throughput", _throughput), ("latency", _latency)):
        picture = Figure(figsize=SIZE, layout="constrained")
        for axes, scenario in zip(picture.subplots(1, 2), ("hot", "spread"), strict=True):
            one(axes, [run for run in found if run["scenario"] == scenario])
            axes.set_title(scenario, loc="left")
            _tidy(axes)
        # no date: the same figures give the same file
        picture.savefig(directory / f"{name}.svg", metadata={"Date": None, "Creator": None})


def _throughput(axes: Axes, runs: list[dict[str, Any]]) -> None:
    for run in runs:
        slices = run["throughput"]
        rates = [
            sum(slices[at : at + SMOOTH]) / len(slices[at : at + SMOOTH]) / SLICE_SECONDS
            for at in range(0, len(slices), SMOOTH)
        ]
        times = [at * SLICE_SECONDS for at in range(0, len(slices), SMOOTH)]
        axes.plot(times, rates, color=COLOURS[run["way"]], label=run["way"])
    axes.set_xlabel("seconds since the first submit")
    axes.set_ylabel("decided a second")


def _latency(axes: Axes, runs: list[dict[str, Any]]) -> None:
    for run in runs:
        curve = run["final_curve_ms"]
        shares = [(place + 1) / len(curve) for place in range(len(curve))]
        seconds = [value / 1000 for value in curve]
        axes.plot(seconds, shares, color=COLOURS[run["way"]], label=run["way"])
    axes.set_xlabel("seconds from submit to final, as the student sees it")
    axes.set_ylabel("share of students")


def _tidy(axes: Axes) -> None:
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    axes.grid(color="#dddddd", linewidth=0.5)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
