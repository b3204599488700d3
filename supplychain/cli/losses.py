"""What a run lost, as the tables and the sentence that a terminal shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from supplychain.cli.table import (
    NONE,
    UNBROKEN,
    amount,
    bold,
    fits,
    million,
    percent,
    signed,
    table,
)

if TYPE_CHECKING:
    from supplychain.results.run import Run
    from supplychain.study.comparison import Comparison

WORLD = "WORLD"
ALL = "all"
SIDES = "<<>>>>>>"
WORTH_A_ROW = 5e-5
"""Regions that lose less than this share of a sector's plan are named in one line below."""

Row = Mapping[str, Any]


def loss_text(run: Run) -> str:
    """The table per sector and region, and the sentence that says what bound most."""
    rows = indicator_rows(run)
    names = region_names(run)
    shown = [row for row in rows if row["region"] == WORLD or row["lost_share"] >= WORTH_A_ROW]
    head = ["sector", "region", "lost", "unit", "share", "M USD"]
    head += ["first week", "worst week", "recovered"]
    cells = [_loss_row(row, names) for row in shown]
    laid = table(head, cells, "<<><>>") if fits(head, cells, "<<><>>") else _narrow(head, cells)
    parts = [bold(str(run.record["scenario"].get("title") or run.scenario)), laid]
    spared = spared_text(rows, names)
    parts.append("\n".join(filter(None, [spared, str(run.headline.get("bound_most", ""))])))
    return "\n\n".join(filter(None, parts))


def _narrow(head: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """The table without columns for the sector, which heads its regions, and for the unit."""
    rows = []
    for sector, region, lost, unit, *rest in cells:
        in_value = unit == "million USD"
        name = sector if in_value else f"{sector} ({unit})"
        rows.append([_under(name, region), "" if in_value else lost, *rest])
    return table(["sector, region", head[2], *head[4:]], rows, "<>>>")


def _under(sector: str, region: str) -> str:
    """Name a sector, or a region set in below it, on one line."""
    return (sector if region == ALL else f"  {region}").replace(" ", UNBROKEN)


def _loss_row(row: Row, names: Mapping[str, str]) -> list[str]:
    over = row["recovered_week"] or ("not by the end" if row["first_week"] else NONE)
    return [
        row["sector"],
        names.get(row["region"], row["region"]),
        amount(row["lost"]),
        row["unit"],
        percent(row["lost_share"]),
        million(row["lost_value_usd"]),
        row["first_week"] or NONE,
        row["worst_week"] or NONE,
        over,
    ]


def spared_text(rows: Iterable[Row], names: Mapping[str, str]) -> str:
    """Name the regions that lose nothing in any sector."""
    lost: dict[str, float] = {}
    for row in rows:
        if row["region"] != WORLD:
            lost[row["region"]] = max(lost.get(row["region"], 0.0), row["lost_share"])
    spared = [names.get(region, region) for region, share in lost.items() if share < WORTH_A_ROW]
    if lost and len(spared) == len(lost):
        return "Nothing is lost in any region."
    return f"Nothing is lost in: {', '.join(spared)}." if spared else ""


def indicator_rows(run: Run) -> list[dict[str, Any]]:
    """The rows of `indicators`: per sector the world, then the regions, the dearest first."""
    found: list[dict[str, Any]] = [
        {str(k): _blank(v) for k, v in row.items()}
        for row in run.tables["indicators"].to_dict("records")
    ]
    order = {sector: i for i, sector in enumerate(dict.fromkeys(r["sector"] for r in found))}
    order |= {s: i - len(SECTORS) for i, s in enumerate(SECTORS) if s in order}
    return sorted(
        found,
        key=lambda r: (
            order[r["sector"]],
            r["region"] != WORLD,
            -round(r["lost_value_usd"] or 0.0),
            r["region"],
        ),
    )


SECTORS: Sequence[str] = ("auto", "aerospace", "munitions", "semiconductor", "other")
"""The order in which sectors are shown; one that is not named here follows."""


def _blank(value: Any) -> Any:
    """Read what is not a number, however the table says it, as None."""
    return None if value is None or value != value else value


def region_names(run: Run) -> dict[str, str]:
    """Region codes to names, where the run has them."""
    if "regions" not in run.tables:
        return {WORLD: ALL}
    rows = run.tables["regions"].to_dict("records")
    return {WORLD: ALL, **{str(row["region"]): str(row["name"]) for row in rows}}


def comparison_text(base: Run, other: Run) -> str:
    """Two runs side by side and the difference, per sector and region."""
    names = region_names(base)
    before = {(r["sector"], r["region"]): r for r in indicator_rows(base)}
    after = {(r["sector"], r["region"]): r for r in indicator_rows(other)}
    ranked = [*after, *(key for key in before if key not in after)]
    keys = [key for key in ranked if key[1] == WORLD or _worth_a_row(before, after, key)]
    one, two = base.scenario, other.scenario
    head = ["sector", "region", f"{one} share", f"{two} share", "difference"]
    head += [f"{one} M USD", f"{two} M USD", "difference", f"{one} from", f"{two} from"]
    rows = [_pair(key, before.get(key), after.get(key), names) for key in keys]
    if fits(head, rows, SIDES):
        laid = table(head, rows, SIDES)
    else:
        rows = [[_under(row[0], row[1]), *row[2:4], *row[7:]] for row in rows]
        laid = table(["sector, region", *head[2:4], "M USD more", *head[8:]], rows, "<>>>")
    return f"{bold(f'{one} and {two}')}\n\n{laid}"


def causes_text(comparison: Comparison) -> str:
    """The inputs in which the runs differ, and so what causes the difference."""
    wanted = ("scenario", "what", "base", "other", "why")
    rows = [[str(row[name]) for name in wanted] for row in comparison.inputs.to_dict("records")]
    if not rows:
        return "The runs have the same inputs."
    head = ["scenario", "what differs", f"in {comparison.base.scenario}", "in the scenario", "why"]
    return table(head, rows)


def _worth_a_row(before: Mapping[Any, Row], after: Mapping[Any, Row], key: object) -> bool:
    return any(key in side and side[key]["lost_share"] >= WORTH_A_ROW for side in (before, after))


def _pair(
    key: tuple[str, str], one: Row | None, two: Row | None, names: Mapping[str, str]
) -> list[str]:
    share = [_number(row, "lost_share") for row in (one, two)]
    value = [_number(row, "lost_value_usd") for row in (one, two)]
    points = (share[1] - share[0]) * 100
    return [
        key[0],
        names.get(key[1], key[1]),
        percent(share[0]),
        percent(share[1]),
        "0" if abs(points) < 0.05 else f"{points:+.1f} points",
        million(value[0]),
        million(value[1]),
        signed(million(value[1] - value[0])),
        *((row["first_week"] or NONE) if row else NONE for row in (one, two)),
    ]


def _number(row: Row | None, name: str) -> float:
    return float(row[name] or 0.0) if row else 0.0
