"""`python -m benchmarks`: runs the scenarios, prints their figures, and fails if one is wrong."""

import signal
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from dataclasses import replace
from pathlib import Path

from app.embedded import EmbeddedServerError
from app.launching.launch_error import LaunchError
from app.launching.venv_lock import venv_in_use
from app.settings import CHECKOUT
from benchmarks.failure import BenchmarkError
from benchmarks.installation import ground
from benchmarks.installations import Installations
from benchmarks.plots import draw
from benchmarks.reach import reach
from benchmarks.report import print_report
from benchmarks.results import machine, write
from benchmarks.run import Run
from benchmarks.sizes import FULL, QUICK
from benchmarks.steps import NAMES, by_installation, chosen

LATEST = Path(__file__).parent / "results" / "latest.json"
RECORDED = CHECKOUT / "docs" / "benchmarks"


def main() -> int:
    """Run what the command line says; 1 when an outcome is wrong, 130 after Ctrl-C."""
    options = _options()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _run(options)
    except (BenchmarkError, EmbeddedServerError, LaunchError) as error:
        print(f"\nThrive Booking: the benchmark failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nThrive Booking: the benchmark was ended.", file=sys.stderr)
        return 130
    return 0


def _options() -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small numbers, for correctness only")
    parser.add_argument("--only", type=_names, default=frozenset(), help=", ".join(NAMES))
    parser.add_argument("--old", type=int, help="old bookings of `growth`, instead of a million")
    parser.add_argument("--no-baselines", action="store_true", help="the product's figures only")
    parser.add_argument("--record", action="store_true", help="into docs/benchmarks, with plots")
    options = parser.parse_args()
    if options.quick and options.record:
        parser.error("small numbers aren't recorded")
    return options


def _names(text: str) -> frozenset[str]:
    names = frozenset(text.split(","))
    if unknown := names - set(NAMES):
        raise ArgumentTypeError(f"no scenario: {', '.join(sorted(unknown))}")
    return names


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _run(options: Namespace) -> None:
    sizes = QUICK if options.quick else FULL
    if options.old:
        sizes = replace(sizes, old=(sizes.old[0], options.old))
    steps = chosen(options.only, baselines=not options.no_baselines)
    with venv_in_use(), ground() as servers:
        run = Run(sizes, Installations(servers, sizes, shared=options.quick))
        run.results.facts["machine"] = machine(servers.directory)
        try:
            for step in by_installation(steps) if options.quick else steps:
                began = time.monotonic()
                print(f"{step.title} ...", end=" ", flush=True)
                step.do(run)
                print(f"{time.monotonic() - began:.0f} s", flush=True)
        finally:
            run.installations.close()
    if options.quick:
        print("Small numbers: what comes out is right, how fast says nothing.")
    _report(run, record=options.record)


def _report(run: Run, *, record: bool) -> None:
    print_report(run.results, reach(run.results))
    LATEST.unlink(missing_ok=True)
    write(run.results, LATEST)
    if record:
        write(run.results, RECORDED / "figures.json")
        draw(RECORDED / "figures.json", RECORDED)


if __name__ == "__main__":
    sys.exit(main())
