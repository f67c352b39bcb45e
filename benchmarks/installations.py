"""Which installation each scenario gets: its own, or in a quick run one that is shared."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from benchmarks.installation import Ground, Installation, Variation
from benchmarks.sizes import Sizes
from benchmarks.variations import SYNCHRONOUS as SYNCHRONOUS_VARIATION
from benchmarks.warming import warm_up
from benchmarks.ways import PRODUCT, SYNCHRONOUS


class Installations:
    """Starts installations, warm; at most one is there at a time."""

    def __init__(self, ground: Ground, sizes: Sizes, *, shared: bool) -> None:
        self.ground = ground
        self._sizes = sizes
        self._shared = shared
        self._open = ExitStack()
        self._variation: Variation | None = None
        self._installation: Installation | None = None

    @contextmanager
    def __call__(self, variation: Variation) -> Iterator[Installation]:
        """Lend a warm installation of this kind."""
        if self._installation is None or self._variation != variation:
            self.close()
            self._installation = self._open.enter_context(self.ground.installation(variation))
            self._variation = variation
            way = SYNCHRONOUS if variation == SYNCHRONOUS_VARIATION else PRODUCT
            if self._sizes.warm_up and "courier" in self._installation.processes:
                warm_up(self._installation, way, self._sizes.warm_up)
        yield self._installation
        if not self._shared:
            self.close()

    def close(self) -> None:
        """End what runs."""
        self._installation = self._variation = None
        self._open.close()
