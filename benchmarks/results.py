"""All figures of a run, and the JSON that they are kept in; nothing in it names the machine."""

import json
import os
import platform
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from benchmarks.figures import Figures, percentile


@dataclass
class Results:
    """What was measured so far; `facts` are figures that are no scenario's."""

    figures: list[Figures] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, *figures: Figures | None) -> None:
        """Add the figures of one or more runs, and say so."""
        for one in figures:
            if one is not None:
                self.figures.append(one)

    def find(self, scenario: str, way: str) -> Figures | None:
        """Return the figures of a scenario by the product or by one of the baselines."""
        found = [one for one in self.figures if (one.scenario, one.way) == (scenario, way)]
        return found[-1] if found else None

    def document(self) -> dict[str, Any]:
        """Return all of it as JSON holds it."""
        return {
            "measuredAt": datetime.now(UTC).isoformat(timespec="minutes"),
            "figures": [asdict(one) for one in self.figures],
            "facts": self.facts,
        }


def write(results: Results, path: Path) -> None:
    """Write the results into a file; those of an earlier run that this one lacks are kept."""
    document = results.document()
    if path.exists():
        earlier = json.loads(path.read_text(encoding="utf-8"))
        measured = {(one.scenario, one.way) for one in results.figures}
        kept = [one for one in earlier["figures"] if (one["scenario"], one["way"]) not in measured]
        document["figures"] = kept + document["figures"]
        document["facts"] = earlier["facts"] | document["facts"]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def machine(directory: Path) -> dict[str, Any]:
    """Return what the figures depend on: cores, memory, versions and the disk's own speed."""
    return {
        "cores": os.cpu_count(),
        "memoryGiB": round(psutil.virtual_memory().total / 2**30, 1),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "fdatasyncMs": round(_fdatasync_seconds(directory) * 1000, 3),
    }


def _fdatasync_seconds(directory: Path) -> float:
    """Return the median time in which 8 KiB reach the disk: what a lone commit waits for."""
    path, taken = directory / "fdatasync", []
    with path.open("wb", buffering=0) as file:
        for _ in range(50):
            began = time.perf_counter()
            file.write(bytes(8192))
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    path.unlink()
    return percentile(taken, 50)
