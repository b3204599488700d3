"""How long `supplychain run no-truce` takes as a whole process, part by part, and its peak memory.

    python benchmarks/run_no_truce.py [--runs 3] [--scenario no-truce]

Prints a table and, as the last line, one JSON object. Seconds depend on the machine; the shares of
the parts are what to compare.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PARTS = ("read", "build", "solve", "tables", "write", "report")


def main() -> None:
    """Run the command a few times and print medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--scenario", default="no-truce")
    options = parser.parse_args()
    results = [once(options.scenario) for _ in range(options.runs)]
    median = {name: statistics.median(r[name] for r in results) for name in results[0]}
    whole = median["whole process"]
    print(f"{options.scenario}, {options.runs} runs, median")
    for name, value in median.items():
        if name.endswith(" MB"):
            print(f"  {name:<16} {value:10.1f}")
        else:
            print(f"  {name:<16} {value:10.2f} s {value / whole:7.1%}")
    print(json.dumps({"scenario": options.scenario, "runs": options.runs, "median": median}))


def once(scenario: str) -> dict[str, float]:
    """One whole process: seconds of each part, of the process, and its peak memory in MB."""
    with tempfile.TemporaryDirectory() as out:
        started = time.perf_counter()
        command = [
            sys.executable,
            "-m",
            "supplychain",
            "run",
            scenario,
            "--out",
            out,
            "--json",
            "-q",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
        whole = time.perf_counter() - started
        run = json.loads(done.stdout)["data"]["runs"][0]
        found = {name: float(run["seconds"].get(name, 0.0)) for name in PARTS}
        found["imports, rest"] = whole - sum(found.values())
        found["whole process"] = whole
        found["peak memory MB"] = float(run["peak_memory_mb"])
        pages = list(Path(out).rglob("report.html"))
        found["page MB"] = sum(p.stat().st_size for p in pages) / 1e6
        return found


if __name__ == "__main__":
    main()
