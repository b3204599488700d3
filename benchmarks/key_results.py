"""The table of key results in the README, from runs made here and now.

    python benchmarks/key_results.py [--write README.md]

Solves every shipped scenario as it stands, prints a Markdown table, and with --write puts it
between the markers of that file. Takes as long as the scenarios take.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from supplychain import __version__
from supplychain.runs.run_schema import WORLD, Run
from supplychain.study import RunRequest, open_world, run_scenario

SCENARIOS = (
    "open",
    "truce",
    "slow-licences",
    "no-truce",
    "embargo",
    "military-denial",
    "hindcast-2025",
)
SECTORS = ("auto", "aerospace", "munitions", "semiconductor", "other")
BEGIN, END = (f"<!-- written by benchmarks/key_results.py: {word} -->" for word in ("begin", "end"))


def main() -> None:
    """Solve, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE")
    options = parser.parse_args()
    world = open_world()
    runs = [run_scenario(RunRequest(name), world=world) for name in SCENARIOS]
    text = "\n".join([*table(runs), "", caption(runs[0])])
    print(text)
    if options.write:
        old = options.write.read_text(encoding="utf-8")
        before, rest = old.split(BEGIN)
        after = rest.split(END)[1]
        new = f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"
        options.write.write_text(new, encoding="utf-8")


def table(runs: list[Run]) -> list[str]:
    """The lines of the Markdown table, one run a row."""
    head = ["scenario", "from", "weeks", "value added lost, billion USD", *SECTORS]
    head.append("first auto stop")
    lines = [head, ["---", "---", *["---:"] * (len(head) - 3), "---"], *map(row, runs)]
    return ["| " + " | ".join(cells) + " |" for cells in lines]


def row(run: Run) -> list[str]:
    """The cells of one run: the world's shares by sector, and the earliest stop of cars."""
    horizon = run.record["scenario"]["horizon"]
    rows = run.tables["indicators"]
    world = rows[rows["region"] == WORLD].set_index("sector")
    stops = rows[
        (rows["sector"] == "auto") & (rows["region"] != WORLD) & (rows["first_week"] != "")
    ]
    names = dict(run.tables["regions"].to_numpy().tolist())
    first = [
        (week, names[code])
        for week, code in sorted(zip(stops["first_week"], stops["region"], strict=True))
    ]
    return [
        f"`{run.scenario}`",
        str(horizon["start"]),
        str(horizon["weeks"]),
        f"{world['lost_value_usd'].sum() / 1e9:.1f}",
        *(percent(float(world.loc[sector, "lost_share"])) for sector in SECTORS),
        f"{first[0][0]}, {first[0][1]}" if first else "none",
    ]


def percent(share: float) -> str:
    """Write a share for a reader: none, under a tenth of a percent, or one decimal."""
    if share < 1e-6:
        return "0"
    return "< 0.1 %" if share < 0.001 else f"{100.0 * share:.1f} %"


def caption(run: Run) -> str:
    """What the numbers stand on."""
    record = run.record
    return (
        f"supplychain {__version__}, data `{record['data']['hash'][:12]}`, "
        f"{record['foresight']} foresight, allocation by {record['allocation']}."
    )


if __name__ == "__main__":
    main()
