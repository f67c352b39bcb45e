"""`python -m benchmarks`: runs the scenarios and reports."""

from benchmarks.installation import ground
from benchmarks.scenarios.drains import run_drain
from benchmarks.scenarios.rushes import Rush, run_rush
from benchmarks.variations import AS_IS, SYNCHRONOUS

if __name__ == "__main__":
    import sys
    import time

    n = int(sys.argv[1])
    with ground() as g:
        for v, way in ((AS_IS, "product"), (SYNCHRONOUS, "synchronous")):
            t = time.time()
            with g.installation(v) as i:
                print("up", time.time() - t)
                f = run_rush(Rush("hot", n, n // 10), i, 1, way)
                print(f)
                f = run_rush(Rush("spread", n, 10, programs=n // 5), i, 2, way)
                print(f)
                print(time.time() - t)
        print(run_drain(g, n * 2))
        print(time.time() - t)
