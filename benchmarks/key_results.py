"""The table of key results in the README, from runs made here and now.

    python benchmarks/key_results.py [--write README.md]

Solves every shipped scenario as it stands, prints a Markdown table, and with --write puts it
between the markers of that file. Takes as long as the scenarios take.
"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from supplychain import __version__
from supplychain.dataset.schema_demand import SECTORS
from supplychain.runs.run_schema import BAND_ENDS, WORLD, Run
from supplychain.study import RunRequest, open_world, run_scenario
from supplychain.study.solve_scenario import with_band

SCENARIOS = (
    "open",
    "truce",
    "slow-licences",
    "no-truce",
    "legal-lapse",
    "embargo",
    "military-denial",
    "hindcast-2025",
)
BEGIN, END = (f"<!-- written by benchmarks/key_results.py: {word} -->" for word in ("begin", "end"))


def main() -> None:
    """Solve, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE")
    options = parser.parse_args()
    world = open_world()
    asked = [RunRequest(name, band=BAND_ENDS) for name in SCENARIOS]
    runs = [with_band(run_scenario(one, world=world), one, world) for one in asked]
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
    head = ["scenario", "from", "weeks", "lost for good, billion USD", "range", *SECTORS]
    head += ["first auto firm", "first auto stop"]
    lines = [head, ["---", "---", *["---:"] * (len(head) - 4), "---", "---"], *map(row, runs)]
    return ["| " + " | ".join(cells) + " |" for cells in lines]


def row(run: Run) -> list[str]:
    """The cells of one run: value and its range, shares not made when planned and lost for good."""
    horizon = run.record["scenario"]["horizon"]
    rows = run.tables["indicators"]
    world = rows[rows["region"] == WORLD].set_index("sector")
    shares = world[["lost_share", "lost_for_good_share"]].to_dict("index")
    ends = run.headline["range"]["lost_value_usd"]
    return [
        f"`{run.scenario}`",
        str(horizon["start"]),
        str(horizon["weeks"]),
        f"{world['lost_value_usd'].sum() / 1e9:.1f}",
        f"{ends['low'] / 1e9:.1f} to {ends['high'] / 1e9:.1f}",
        *(both(shares[sector]) for sector in SECTORS),
        *(first_of_cars(run, column) for column in ("first_firm_week", "first_week")),
    ]


def both(row: Mapping[Any, Any]) -> str:
    """The share not made when planned, and in brackets what is lost for good."""
    planned = percent(float(row["lost_share"]))
    return (
        planned if planned == "0" else f"{planned} ({percent(float(row['lost_for_good_share']))})"
    )


def first_of_cars(run: Run, column: str) -> str:
    """The earliest date of a column of the indicators for cars, and its region."""
    rows = run.tables["indicators"]
    rows = rows[(rows["sector"] == "auto") & (rows["region"] != WORLD) & (rows[column] != "")]
    names = dict(run.tables["regions"].to_numpy().tolist())
    found = sorted(zip(rows[column], rows["region"], strict=True))
    return f"{found[0][0]}, {names[found[0][1]]}" if found else "none"


def percent(share: float) -> str:
    """Write a share for a reader: none, under a tenth of a percent, or one decimal."""
    if share < 1e-6:
        return "0"
    return "< 0.1 %" if share < 0.001 else f"{100.0 * share:.1f} %"


def caption(run: Run) -> str:
    """What the numbers stand on."""
    record = run.record
    words = (
        f"supplychain {__version__}, data `{record['data']['hash'][:12]}`, "
        f"{record['foresight']} foresight, allocation by {record['allocation']}. Shares of plan "
        "not made when planned, in brackets lost for good; the range goes from goods pooled "
        "(`value`) to usual shares (`proportional`) and holds the result."
    )
    return textwrap.fill(words, 99, break_long_words=False, break_on_hyphens=False)


if __name__ == "__main__":
    main()
