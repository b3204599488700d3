"""What a report costs: solved, with nothing changed, and several that share scenarios.

    python benchmarks/reports.py [--definition weekly] [--runs 5] [--weeks 12]

Whole processes, from start to end. Prints a table and, as the last line, one JSON object. Fails
where a run with nothing changed takes two seconds or more, or where five definitions over four
scenarios cost more than four solves.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

DAY = "2026-11-22"
MOST_SECONDS = 2.0
FIVE = {
    "both": ["truce", "no-truce"],
    "lapse": ["no-truce"],
    "slow": ["slow-licences", "truce"],
    "halt": ["embargo"],
    "worst": ["embargo", "no-truce"],
}
"""Five definitions over four scenarios."""


def main() -> int:
    """Measure, print, and say whether the limits hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--definition", default="weekly")
    parser.add_argument("--runs", type=int, default=5, help="runs with nothing changed")
    parser.add_argument("--weeks", type=int, default=12, help="horizon of the five definitions")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as room:
        found = {**no_change(options, Path(room)), **shared(options, Path(room))}
    for name, value in found.items():
        print(f"  {name:<36} {value:8.2f}" if isinstance(value, float) else f"  {name:<36} {value}")
    ok = found["nothing changed, s"] < MOST_SECONDS and found["solves of five definitions"] == 4
    print(json.dumps({"definition": options.definition, "ok": ok, **found}))
    return 0 if ok else 1


def no_change(options: argparse.Namespace, room: Path) -> dict[str, Any]:
    """Seconds of a report that solves, and of the same again."""
    words = [options.definition, "-o", str(room / "out")]
    solving, reports = once(words, room)
    again = [once(words, room) for _ in range(options.runs)]
    assert all(report["status"] == "up-to-date" for _, found in again for report in found)
    assert not any(report["solved"] for _, found in again for report in found)
    return {
        "scenarios solved": sum(len(report["solved"]) for report in reports),
        "solving, s": solving,
        "nothing changed, s": statistics.median(seconds for seconds, _ in again),
        "nothing changed, slowest, s": max(seconds for seconds, _ in again),
    }


def shared(options: argparse.Namespace, room: Path) -> dict[str, Any]:
    """How often five definitions over four scenarios solve."""
    (room / "reports").mkdir()
    (room / "supplychain.toml").write_text("")
    for name, scenarios in FIVE.items():
        text = (
            f"name: {name}\ntitle: {name}\nscenarios: [{', '.join(scenarios)}]\n"
            f"horizon: {{weeks: {options.weeks}}}\nsections: [sectors]\n"
        )
        (room / "reports" / f"{name}.yaml").write_text(text)
    seconds, reports = once([*FIVE, "-o", "five"], room)
    solves = sum(len(report["solved"]) for report in reports)
    kept = len(list((room / "five" / "store").glob("[0-9a-f]*/run.json")))
    assert kept == solves
    return {"five definitions, s": seconds, "solves of five definitions": solves}


def once(words: list[str], room: Path) -> tuple[float, list[dict[str, Any]]]:
    """Seconds of one process, and what it says of its reports."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "supplychain", "report", *words]
    done = subprocess.run(
        [*command, "--date", DAY, "--json", "-q"],
        capture_output=True, text=True, check=True, cwd=room,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    return seconds, json.loads(done.stdout)["data"]["reports"]


if __name__ == "__main__":
    sys.exit(main())
