"""Ten thousand spoilt inputs read by the commands: tried, faults, wrong codes, nonsense taken.

    python benchmarks/mutations.py [--tries 10000] [--first 1000] [--kinds data ...]

Each input is made from its kind and a seed (tests/worlds/mutated_inputs.py), so that a line of the
output can be made again. The tests try the first of each kind.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "worlds")]

import mutated_inputs  # noqa: E402

SHARES = {
    "data": 0.3, "overlay": 0.15, "scenario": 0.15, "report": 0.1, "settings": 0.05,
    "workbook": 0.05, "list": 0.08, "export": 0.05, "solved": 0.05, "ensemble": 0.02,
}  # fmt: skip
"""Of all tries; what takes longest has least."""


def main() -> None:
    """Try them, print what went wrong as it comes, and the counts at the end."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tries", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=1_000, help="the first seed of each kind")
    parser.add_argument("--kinds", nargs="+", default=list(SHARES), choices=list(SHARES))
    asked = parser.parse_args()
    assert set(SHARES) == set(mutated_inputs.KINDS)
    os.environ["SUPPLYCHAIN_WORKERS"] = "1"
    tried, counts = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for kind in asked.kinds:
            for seed in range(asked.first, asked.first + round(SHARES[kind] * asked.tries)):
                with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                    wrong = mutated_inputs.try_one(kind, seed, Path(folder) / "project")
                tried[kind] += 1
                if wrong:
                    counts[f"{kind}: {wrong.what}"] += 1
                    print(wrong, flush=True)
            print(f"{kind}: {tried[kind]} tried", flush=True)
    print(f"{sum(tried.values())} tried; {dict(counts) or 'nothing wrong'}")


if __name__ == "__main__":
    main()
