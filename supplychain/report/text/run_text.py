"""Runs in the text that a terminal shows: losses, comparison, causes, past runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isinf
from typing import TYPE_CHECKING, Any

from supplychain.dataset.schema_demand import SECTORS
from supplychain.formatting import counted, the_first
from supplychain.report.text.terminal_table import (
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
from supplychain.scenario.scenario import past_from

if TYPE_CHECKING:
    from supplychain.runs.catalogue import Entry
    from supplychain.runs.run_diff import TableDifference
    from supplychain.runs.run_schema import Run
    from supplychain.study.attribution import Attribution
    from supplychain.study.comparison import Comparison
    from supplychain.study.reproduce import Reproduction


WORLD = "WORLD"
ALL = "all"
SIDES = "<<>>>>>>"
WORTH_A_ROW = 5e-5
"""A region that loses less than this share of a sector's plan, and stops nowhere, has no row."""

Row = Mapping[str, Any]

LEAST_USD = 1.0
"""Less than this is the solver's rounding and shown as nothing."""


def loss_text(run: Run) -> str:
    """The table per sector and region, and the sentence that says what bound most."""
    from supplychain.report.loss_summary import as_of_sentences

    rows = indicator_rows(run)
    names = region_names(run)
    shown = [row for row in rows if _loses_or_stops(row)]
    head = ["sector", "region", "not made", "for good", "unit", "share", "M USD", "range, M USD"]
    head += ["first firm", "first stop", "recovered"]
    cells = [_loss_row(row, names, run) for row in shown]
    laid = table(head, cells, SIDES_OF) if fits(head, cells, SIDES_OF) else _narrow(head, cells)
    parts = [bold(str(run.record["scenario"].get("title") or run.scenario)), laid]
    spared = spared_text(rows, names)
    bound = str(run.headline.get("bound_most", ""))
    parts.append("\n".join(filter(None, [spared, bound, *avoided_lines(run)])))
    parts.insert(2, company_text(run))
    parts.append("\n".join(as_of_sentences(run.record)[:1]))
    return "\n\n".join(filter(None, parts))


def company_text(run: Run) -> str:
    """A table of a planner's own firms: losses, first stop, and the stock that carries through."""
    rows = []
    for company in run.headline.get("companies") or ():
        for i, stock in enumerate(company["stocks"]):
            first = first_words(company["first_week"], run)
            lost = [percent(company["lost_share"]), million(company["lost_value_usd"]), first]
            rows.append(
                [
                    "" if i else str(company["title"]),
                    *(lost if not i else [""] * len(lost)),
                    str(stock["material"]),
                    amount(stock["shelf_weeks"]),
                    amount(stock["weeks_needed"]),
                ]
            )
    head = ["your firm", "share", "M USD", "first stop", "material", "weeks held", "weeks needed"]
    return table(head, rows, "<>>><>>") if rows else ""


SIDES_OF = "<<>><>>>"


def _loses_or_stops(row: Row) -> bool:
    """Whether a pair loses something to speak of, or a line or the thinnest firms stop."""
    stops = row["first_week"] or row["first_firm_week"]
    return bool(row["region"] == WORLD or row["lost_share"] >= WORTH_A_ROW or stops)


def avoided_lines(run: Run) -> list[str]:
    """A sentence for each sector of which output was made by other recipes."""
    from supplychain.report.loss_summary import avoided_words
    from supplychain.report.run_view import RECIPE_NAMES

    said = []
    for sector, words in run.headline.get("sectors", {}).items():
        ways = [
            (RECIPE_NAMES.get(r["recipe"], r["recipe"]), r["share_of_output"], r["extra_cost_usd"])
            for r in words.get("avoided_by") or ()
        ]
        if told := avoided_words(ways):
            said.append(f"How {sector} avoided loss: {told}")
    return said


def _narrow(head: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """The table without columns for the sector, which heads its regions, and for the unit.

    Of what is lost for good its value stays, and of the first weeks that of the first stop.
    """
    rows = []
    for sector, region, lost, _, unit, share, usd, ends, *dates in cells:
        in_value = unit == "million USD"
        name = sector if in_value else f"{sector} ({unit})"
        rows.append([_under(name, region), "" if in_value else lost, share, usd, ends, dates[1]])
    heads = ["sector, region", head[2], "share", "for good, M USD", head[7], head[9]]
    return table(heads, rows, "<>>>>")


def _under(sector: str, region: str) -> str:
    """Name a sector, or a region set in below it, on one line."""
    return (sector if region == ALL else f"  {region}").replace(" ", UNBROKEN)


def _range(row: Row, run: Run) -> str:
    """Low and high of the band in million USD; nothing without one."""
    said = run.headline.get("sectors", {}).get(row["sector"], {})
    if row["region"] != WORLD:
        said = said.get("by_region", {}).get(row["region"], {})
    ends = (said.get("range") or {}).get("lost_value_usd")
    if not ends:
        return NONE
    low, high = (million(usd if usd >= LEAST_USD else 0.0) for usd in (ends["low"], ends["high"]))
    return low if low == high else f"{low} to {high}"


def _loss_row(row: Row, names: Mapping[str, str], run: Run) -> list[str]:
    over = row["recovered_week"] or ("not by the end" if row["first_week"] else NONE)
    return [
        row["sector"],
        names.get(row["region"], row["region"]),
        amount(row["lost"]),
        amount(row["lost_for_good"]),
        row["unit"],
        percent(row["lost_share"]),
        million(row["lost_value_usd"]),
        _range(row, run),
        first_words(row["first_firm_week"], run),
        first_words(row["first_week"], run),
        over,
    ]


def first_words(week: str | None, run: Run) -> str:
    """A first week as a cell of a table; what a solved past had stopped came before the start."""
    scenario = run.record["scenario"]
    if week == scenario["horizon"]["start"] and past_from(scenario):
        return "before start"
    return week or NONE


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
    sides = (before, after)
    keys = [key for key in ranked if any(key in s and _loses_or_stops(s[key]) for s in sides)]
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
    """The inputs in which the runs differ, and so what causes the difference; the first of many."""
    wanted = ("scenario", "what", "base", "other", "why")
    rows = [[str(row[name]) for name in wanted] for row in comparison.inputs.to_dict("records")]
    if not rows:
        return "The runs have the same inputs."
    head = ["scenario", "what differs", f"in {comparison.base.scenario}", "in the scenario", "why"]
    shown, more = the_first(rows, ": --json has them all.")
    return "\n\n".join(filter(None, [table(head, shown), more]))


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


def run_table(runs: Sequence[Entry]) -> str:
    """Runs as a table for the terminal; a narrow one shows neither data nor folder."""
    head = ["id", "scenario", "written, UTC", "from", "weeks", "M USD lost"]
    head += ["foresight", "allocation", "data", "folder"]
    rows = [_run_row(run) for run in runs]
    sides = "<<<<>><<"
    if not fits(head, rows, sides):
        head, rows, sides = head[:6], [row[:6] for row in rows], sides[:6]
    return table(head, rows, sides)


def _run_row(run: Entry) -> list[str]:
    from supplychain.runs.catalogue import utc

    return [
        run.id,
        f"{run.scenario} (damaged)" if run.problem else run.scenario,
        utc(run.written)[:16].replace("T", " "),
        run.start or NONE,
        str(run.weeks or NONE),
        million(run.lost_value_usd),
        run.foresight or NONE,
        run.allocation or NONE,
        run.data[:12] or NONE,
        run.folder.as_posix(),
    ]


def headline_table(record: Mapping[str, Any]) -> str:
    """What each sector loses in the world."""
    sectors: Mapping[str, Any] = record.get("headline", {}).get("sectors", {})
    rows = [
        [name, percent(s["lost_share"]), million(s["lost_value_usd"]), s["first_week"] or NONE]
        for name, s in sectors.items()
    ]
    return table(["sector", "share", "M USD", "first week"], rows, "<>>")


def differing_losses(one: Run, other: Run, ids: Sequence[str]) -> str:
    """What each sector loses in the world in both runs."""
    before, after = (run.headline["sectors"] for run in (one, other))
    rows = []
    for sector in {**before, **after}:
        usd = [float(side.get(sector, {}).get("lost_value_usd") or 0.0) for side in (before, after)]
        first = [side.get(sector, {}).get("first_week") or NONE for side in (before, after)]
        rows.append([sector, *map(million, usd), signed(million(usd[1] - usd[0])), *first])
    head = ["sector", *(f"{name[:8]} M USD" for name in ids), "difference"]
    return table([*head, *(f"{name[:8]} from" for name in ids)], rows, "<>>>")


def tables_text(tables: Sequence[TableDifference], tolerance: float) -> str:
    """Which tables moved by more than the tolerance, and by how much."""
    moved = [found for found in tables if not found.same]
    largest = max((found.largest for found in tables if found.same), default=0.0)
    same = len(tables) - len(moved)
    are = f"{counted(same, 'table')} {'is' if same == 1 else 'are'} the same"
    most = f"the largest difference is {largest:.1g}" if largest else "to the last digit"
    said = f"{are} to {tolerance:g} of the largest number of a column; {most}."
    if not moved:
        return f"All {said}" if tables else "There are no tables."
    rows = [
        [
            found.table,
            f"{found.rows:,}" if found.rows else NONE,
            _share(found),
            found.column or NONE,
            found.words or found.where or NONE,
            amount(found.old),
            amount(found.new),
        ]
        for found in moved
    ]
    head = ["table that moved", "rows", "by share", "in", "where most", "old", "new"]
    return f"{table(head, rows, '<>><<>>')}\n\n{said}"


def _share(found: TableDifference) -> str:
    """The largest difference of a table in short."""
    if not found.column:
        return NONE
    return "blank" if isinf(found.largest) else f"{found.largest:.2g}"


def changed_versions(
    one: Mapping[str, Any], other: Mapping[str, Any]
) -> dict[str, tuple[str, str]]:
    """The versions that two records do not share."""
    then, now = one.get("versions", {}), other.get("versions", {})
    return {
        name: (str(then.get(name, NONE)), str(now.get(name, NONE)))
        for name in {**then, **now}
        if then.get(name) != now.get(name)
    }


def why_text(found: Attribution) -> str:
    """The contributions as a table for the terminal."""
    from supplychain.case.mixed_case import CAUSES
    from supplychain.study.attribution import METHODS

    gap = found.scenario_usd - found.base_usd
    title = f"Why {found.scenario} loses {million(abs(gap))} M USD"
    title += f" {'more' if gap >= 0 else 'less'} than {found.base}"
    if not found.contributions:
        return f"{title}\n\nNo cause differs."
    rows = [
        [CAUSES[cause].title, signed(million(usd)), percent(usd / gap if gap else None)]
        for cause, exact in found.contributions.items()
        for usd in [exact if abs(exact) >= LEAST_USD else 0.0]
    ]
    laid = table(["cause", "M USD", "of the difference"], rows, "<>>")
    return f"{title}\n\n{laid}\n\n{METHODS[found.method]}"


def differing(found: Reproduction) -> list[str]:
    """What is not as it was when the run was recorded."""
    said = []
    if found.data:
        said.append(
            f"The data are not the same: {found.data[0][:12]} then, {found.data[1][:12]} now."
        )
    elif found.kept:
        said.append("The data changed since; solved with the copy that the reports kept.")
    else:
        said.append("The data are the same.")
    for name, (then, now) in found.versions.items():
        said.append(f"{name} was {then or 'not there'} and is {now or 'not there'} now.")
    if not found.versions:
        said.append("All versions are the same.")
    return said
