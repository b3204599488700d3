"""The brief of a report: in a sentence, as Markdown and as plain values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from supplychain import formatting
from supplychain.dataset.schema_demand import SECTORS
from supplychain.report.loss_summary import told
from supplychain.runs.run_schema import WORLD
from supplychain.scheduled_reports.calendar_moves import is_calendar

MOST = 40
"""So many rows of a table stand in the Markdown; brief.json has them all."""

NOTHING = "nothing moved"
Record = Mapping[str, Any]


def sentence(record: Record) -> str:
    """Say in one sentence what changed since the last report, beginning small."""
    changed = record["changed"]
    if changed["since"] is None:
        return "this is the first report; there is nothing to compare it with"
    inputs, results = len(changed["inputs"]), len(changed["results"])
    since = _since(changed["since"], record) + _moved_on(changed["inputs"])
    if not inputs and not results:
        return f"{NOTHING} {since}: the same inputs, the same results"
    if not results and all(is_calendar(c["kind"], c["what"]) for c in changed["inputs"]):
        return f"{NOTHING} but the calendar {since}"
    differ = f"{_counted(inputs, 'input')} {'differs' if inputs == 1 else 'differ'} {since}"
    if not inputs:
        differ = f"no input differs {since}"
    if not results:
        return f"{differ}; {NOTHING}: no result by more than is tolerated"
    return f"{differ}; {_counted(results, 'result')} moved by more than is tolerated"


def _moved_on(inputs: Sequence[Record]) -> str:
    """Say that the horizon moved, which moves results by itself; nothing where it did not."""
    for change in inputs:
        if change["what"] == "horizon.start" and change["kind"] == "scenario":
            weeks = formatting.weeks_between(change["old"], change["new"]) or 0
            later = "later" if weeks > 0 else "earlier"
            return f" (the horizon starts {_counted(abs(weeks), 'week')} {later})"
    return ""


def _since(since: Record, record: Record) -> str:
    if since["date"] == record["date"]:
        return f"since report number {since['number']} of the same day"
    return f"since {formatting.day(since['date'])}"


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def capital(text: str) -> str:
    """Write a sentence with its first letter large and a stop.

    >>> capital("nothing moved")
    'Nothing moved.'
    """
    return f"{text[:1].upper()}{text[1:]}."


def brief_json(record: Record) -> dict[str, Any]:
    """The brief as plain values: what is mailed or posted by a program."""
    kept = ("definition", "title", "date", "number", "key", "base", "headline", "alerts", "runs")
    return {
        "schema": "supplychain/brief/1",
        **{name: record[name] for name in kept},
        "sentence": capital(sentence(record)),
        "moved": bool(record["changed"]["results"]),
        "changed": record["changed"],
        "page": "report.html" if "report.html" in record["files"] else None,
    }


def brief_text(record: Record) -> str:
    """The brief as Markdown."""
    parts = [
        f"# {escape(record['title'])}: {formatting.day(record['date'])}",
        f"**{escape(capital(sentence(record)))}**",
    ]
    if record["alerts"]:
        parts += ["## Alerts", "\n".join(_alert(alert) for alert in record["alerts"])]
    if record["changed"]["inputs"]:
        parts += ["## Inputs that differ", _inputs(record["changed"]["inputs"])]
    if record["changed"]["results"]:
        parts += ["## Results that moved", _results(record["changed"]["results"])]
    parts += [capital(escape(note)) for note in record["changed"].get("notes", ())]
    if moved := record["changed"].get("calendar"):
        parts += ["## What the calendar alone moved", _results(moved)]
    parts += ["## What is lost", _headline(record)]
    if "report.html" in record["files"]:
        parts.append("The page: [report.html](report.html)")
    return "\n\n".join(parts) + "\n"


def _alert(alert: Record) -> str:
    why = f" {capital(escape(alert['why'].rstrip('.')))}" if alert["why"] else ""
    return f"- **{escape(alert['name'])}**: {escape(alert['said'])}{why}"


def _inputs(rows: Sequence[Record]) -> str:
    cells = [
        (r["kind"], _where(r), r["old"], r["new"], "; ".join(filter(None, [r["why"], r["source"]])))
        for r in rows
    ]
    return _table(("Kind", "What", "Old", "New", "Why, source"), cells)


def _where(row: Record) -> str:
    named = f" ({', '.join(row['scenarios'])})" if row["scenarios"] else ""
    return f"{row['what']}{named}"


def _results(rows: Sequence[Record]) -> str:
    cells = [
        (r["scenario"], sector_name(r["sector"]), place_name(r["region"]), *told(r)) for r in rows
    ]
    return _table(("Scenario", "Sector", "Region", "What", "Old", "New", "Moved by"), cells)


def _headline(record: Record) -> str:
    cells = []
    for scenario, sectors in record["headline"].items():
        for sector, losses in sectors.items():
            first = formatting.short_day(losses["first_week"]) or "no stop"
            value = formatting.money(losses["lost_value_usd"])
            shares = [formatting.share(losses[k]) for k in ("lost_share", "lost_for_good_share")]
            ends = (losses.get("range") or {}).get("lost_value_usd")
            around = formatting.money_range(ends["low"], ends["high"]) if ends else "not asked for"
            cells.append((scenario, sector_name(sector), *shares, value, around, first))
    heads = (
        "Scenario", "Sector", "Not made when planned", "Lost for good", "Value added", "Range",
        "First stop",
    )  # fmt: skip
    return _table(heads, cells, most=None)


def sector_name(sector: str) -> str:
    """The name of a sector as pages write it."""
    return SECTORS.get(sector, sector)


def place_name(region: str) -> str:
    """A region's code, or the world in words."""
    return "world" if region == WORLD else region


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], most: int | None = MOST) -> str:
    return "\n".join(_lines(heads, rows, most))


def _lines(heads: Sequence[str], rows: Sequence[Sequence[str]], most: int | None) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    shown = rows if most is None else rows[:most]
    for row in shown:
        yield f"| {' | '.join(escape(cell) for cell in row)} |"
    if len(shown) < len(rows):
        yield ""
        yield f"And {len(rows) - len(shown):,} more; brief.json has them all."


_MARKUP = re.compile(r"([\\`*_\[\]<>|#])")


def escape(text: str) -> str:
    r"""Keep a text from being read as Markdown or HTML.

    >>> print(escape("a|b <b>*bold*</b>"))
    a\|b \<b\>\*bold\*\</b\>
    """
    return _MARKUP.sub(r"\\\1", formatting.visible(" ".join(str(text).split())))
