"""CPU seconds and peak memory of each role: web, worker, PostgreSQL and so on.

A role is a main process with all its descendants. Those that ended are counted too, by what their
parent took over from them: PostgreSQL starts and ends a process for each connection.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

GENERATOR = "generator"


def cpu_of_trees(roots: Mapping[str, int]) -> dict[str, float]:
    """Return the CPU seconds that each role has used so far."""
    return {role: sum(map(_cpu, tree(pid))) for role, pid in roots.items()}


def peak_memory(roots: Mapping[str, int]) -> dict[str, float]:
    """Return the most MiB that any one process of each role ever held (VmHWM)."""
    return {
        role: round(max((_peak_mib(one.pid) for one in tree(pid)), default=0.0), 1)
        for role, pid in roots.items()
    }


def tree(pid: int) -> list[psutil.Process]:
    """Return a process and its descendants; none when it is gone."""
    with suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    return []


def _cpu(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)
    return 0.0


def _peak_mib(pid: int) -> float:
    with suppress(FileNotFoundError, ProcessLookupError):
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


@dataclass(frozen=True)
class Usage:
    """What each role used from a moment on."""

    roots: dict[str, int]
    before: dict[str, float]

    @classmethod
    def from_now_on(cls, roots: Mapping[str, int]) -> "Usage":
        """Begin to count; the generator is this process."""
        return cls(dict(roots), cpu_of_trees(roots) | {GENERATOR: _own_cpu()})

    def cpu_seconds(self) -> dict[str, float]:
        """Return the CPU seconds since then, by role."""
        now = cpu_of_trees(self.roots) | {GENERATOR: _own_cpu()}
        return {role: round(now[role] - self.before[role], 3) for role in now}


def _own_cpu() -> float:
    """Only this process: those that were started are roles of their own."""
    times = psutil.Process().cpu_times()
    return float(times.user + times.system)
