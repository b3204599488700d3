"""How `data check` shows the sums to which the numbers close."""

from __future__ import annotations

from typing import TYPE_CHECKING

from supplychain.cli.answer import Answer
from supplychain.cli.table import NONE, amount, percent, table
from supplychain.errors import ExitCode, problem

if TYPE_CHECKING:
    from supplychain.dataset import Closure, Tables

WORTH_LISTING = 0.10
"""Adjustments by more than this share are listed for a reader; `--json` has them all."""


def closing_answer(tables: Tables, closed: Closure) -> Answer:
    """Say whether the data close, to what, and which numbers were adjusted for it."""
    rows = sum(len(tables[name]) for name in tables)
    missed = [t for t in closed.targets if not t.ok]
    parts = [
        f"{tables.folder}: {len(tables)} tables, {rows:,} rows, no problems.",
        _shares(closed),
        _exports(closed),
        _elements(closed),
        _adjusted(closed),
    ]
    problems = [
        problem(
            "DATA-901",
            f"{t.target} closes to {_value(t.found, t.unit)}, "
            f"outside {_value(t.low, t.unit)} to {_value(t.high, t.unit)}.",
            file="closure_targets.csv",
            path=t.target,
        )
        for t in missed
    ]
    data: dict[str, object] = {
        "folder": tables.folder,
        "overlays": tables.overlays,
        "hash": tables.hash,
        "tables": {name: len(tables[name]) for name in tables},
        "closure": closed.as_json(),
    }
    code = ExitCode.CHECK_FAILED if missed else ExitCode.DONE
    return Answer("\n\n".join(filter(None, parts)), data, problems=problems, code=code)


def _value(value: float | None, unit: str) -> str:
    return percent(value) if unit == "share" else f"{amount(value)} {unit}".replace("- t/a", NONE)


def _shares(closed: Closure) -> str:
    """What was found beside the target and its range, China's exports aside."""
    rows = [
        [
            t.target,
            _value(t.found, t.unit),
            _value(t.wanted, t.unit),
            f"{_value(t.low, t.unit)} to {_value(t.high, t.unit)}",
            "yes" if t.ok else "NO",
        ]
        for t in closed.targets
        if not t.target.startswith("exports-")
    ]
    return table(["closes to", "found", "target", "range", "within"], rows, "<>>>")


def _exports(closed: Closure) -> str:
    """China's magnet exports by buyer beside the customs statistics."""
    targets = {t.target.removeprefix("exports-"): t for t in closed.targets}
    rows = []
    for region, tonnes in closed.exports_t.items():
        target = targets.get(region)
        wanted = _value(target.wanted, target.unit) if target else NONE
        within = NONE if target is None else "yes" if target.ok else "NO"
        rows.append([region, f"{amount(tonnes)} t/a", wanted, within])
    head = ["NdFeB magnets from China to", "found", "customs", "within"]
    return table(head, rows, "<>>") if rows else ""


def _elements(closed: Closure) -> str:
    """What is mined of each element beside what is used, base year."""
    rows = [
        [e.element, *(amount(v) for v in (e.mined_t, e.made_t, e.recycled_t, e.used_t))]
        for e in closed.elements
    ]
    head = ["element, t/a", "mined", "separated", "recycled", "in goods"]
    return table(head, rows, "<>>>>") if rows else ""


def _adjusted(closed: Closure) -> str:
    """The numbers that reconciliation moved by more than a tenth."""
    large = [a for a in closed.adjusted if a.change is None or abs(a.change) > WORTH_LISTING]
    said = f"Reconciliation changed {len(closed.adjusted):,} numbers, {len(large):,} by over 10 %."
    if not large:
        return said
    rows = [
        [
            a.table,
            a.key,
            f"{amount(a.raw)} {a.unit}",
            f"{amount(a.used)} {a.unit}",
            NONE if a.change is None else f"{100 * a.change:+.0f} %",
        ]
        for a in large
    ]
    return f"{said}\n\n" + table(["table", "row", "raw", "used", "change"], rows, "<<>>>")
