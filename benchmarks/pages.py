"""What the page of a run costs beside an older checkout, in turns on one machine.

    python benchmarks/pages.py OLDER RUN [--rounds 5]

RUN is the folder of a run. Prints processor seconds of each checkout and the ratio of the sums;
fails where the two pages are not the same bytes. Each process writes the page twice and counts the
second: the first reads templates and plotly's library.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
WRITE = """
import hashlib, json, sys
from pathlib import Path
from time import process_time

from supplychain.report.pages.run_page import run_page
from supplychain.runs.run_store import read_run

run = read_run(Path(sys.argv[1]))
run_page(run)
started = process_time()
page = run_page(run)
seconds = process_time() - started
print(json.dumps([seconds, hashlib.sha256(page.encode()).hexdigest()]))
"""


def page(checkout: Path, run: Path) -> tuple[float, str]:
    """Processor seconds of a run's page in a checkout, and the page's sum."""
    ended = subprocess.run(
        [sys.executable, "-c", WRITE, str(run)],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds, found = json.loads(ended.stdout)
    return float(seconds), str(found)


def main() -> int:
    """Measure, print, and say whether the pages are the same."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("older", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    run = options.run.resolve()
    checkouts = {"older": options.older.resolve(), "this": HERE}
    seconds = dict.fromkeys(checkouts, 0.0)
    pages = set()
    for _ in range(options.rounds):
        for name, checkout in checkouts.items():
            took, found = page(checkout, run)
            seconds[name] += took
            pages.add(found)
    same = len(pages) == 1
    for name, total in seconds.items():
        print(f"{name}: {total / options.rounds:.2f} s a page")
    ratio = seconds["this"] / seconds["older"]
    print(json.dumps({"ratio": round(ratio, 3), "same_bytes": same, "rounds": options.rounds}))
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
