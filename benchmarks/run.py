"""What every step of a run works with."""

from dataclasses import dataclass, field

from benchmarks.installations import Installations
from benchmarks.results import Results
from benchmarks.sizes import Sizes


@dataclass
class Run:
    """A run: how large, where, and what was measured so far."""

    sizes: Sizes
    installations: Installations
    results: Results = field(default_factory=Results)
