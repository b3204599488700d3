"""Uncertain inputs that move rows of the data."""

from __future__ import annotations

from collections.abc import Mapping

from supplychain.dataset import TABLES
from supplychain.dataset.columns import Quantity
from supplychain.dataset.rows import Record
from supplychain.regime.yaml_reader import Address
from supplychain.study.ensemble.definition import Distribution, RowTarget
from supplychain.study.ensemble.distributions import extremes
from supplychain.study.ensemble.document import RowsPart
from supplychain.study.ensemble.ground import Ground
from supplychain.study.ensemble.rows import Key, choose
from supplychain.units import UnknownUnit, convert

SHOWN = 3
"""Rows that a message names."""

QUANTILE = "quantile"
"""The unit where every row moves inside its own range."""


def read_rows(
    written: RowsPart, law: Distribution | None, address: Address, ground: Ground
) -> tuple[RowTarget, str] | None:
    """Turn a choice of rows into what it moves and its unit; None if something is wrong."""
    document = ground.document
    before = len(document.problems)
    chosen = choose(written.table, written.where, written.except_, ground.tables, ground.words)
    for code, path, message, hint in chosen.problems:
        here = (*address, *path.split("."))
        document.report(code, message, here, hint=hint, key=code == "ENS-302")
    if law is None:
        if written.by or written.unit:
            message = "by and unit belong to a distribution, and there is none."
            hint = "Write distribution: {...}, or take them out: rows move inside their own range."
            document.report("ENS-204", message, address, hint=hint)
        _check_ranges(written, chosen.rows, address, ground)
    else:
        _check_law(written, law, chosen.rows, address, ground)
    if not chosen.rows or len(document.problems) > before:
        return None
    spread = written.spread
    target = RowTarget(
        table=written.table,
        rows=tuple(chosen.rows),
        mode="range" if law is None else str(written.by),
        shape=written.shape,
        spread=(spread.low, spread.high) if spread else None,
    )
    ratio = "ratio" if written.by == "ratio" else str(written.unit)
    return target, QUANTILE if law is None else ratio


def quantity_of(table: str, row: Record) -> Quantity:
    """What the number of a row means."""
    found = TABLES[table].quantity(str(row.get(TABLES[table].quantity_column, "")))
    if found is None:
        raise AssertionError(f"{table} has a row without a quantity")
    return found


def _check_ranges(
    written: RowsPart, rows: Mapping[Key, Record], address: Address, ground: Ground
) -> None:
    """Each row has a range or is given one, and one of them at least can move."""
    blank = [key for key, row in rows.items() if row["low"] is None or row["high"] is None]
    if blank and written.spread is None:
        named = ", ".join(" ".join(key) for key in blank[:SHOWN])
        more = f" and {len(blank) - SHOWN} more" if len(blank) > SHOWN else ""
        verb = "has" if len(blank) == 1 else "have"
        message = f"{len(blank)} of {len(rows)} rows {verb} no range in the data: {named}{more}."
        hint = "Give one as spread: {low: 0.8, high: 1.2}, ratios of the value, and say why."
        ground.document.report("ENS-305", message, address, hint=hint)
    elif rows and not any(_moves(row, written) for row in rows.values()):
        message = f"none of the {len(rows)} rows can move: low equals high in each."
        hint = "Choose other rows, or give a distribution with by: ratio or by: value."
        ground.document.report("ENS-305", message, address, hint=hint)


def _moves(row: Record, written: RowsPart) -> bool:
    if row["low"] is None or row["high"] is None:
        spread = written.spread
        return bool(row["value"]) and spread is not None and spread.low < spread.high
    return bool(row["low"] < row["high"])


def _check_law(
    written: RowsPart,
    law: Distribution,
    rows: Mapping[Key, Record],
    address: Address,
    ground: Ground,
) -> None:
    """A distribution says what it is of, in a unit that fits, and stays within what is possible."""
    report = ground.document.report
    low, high = extremes(law)
    if written.by is None:
        message = "a distribution of rows must say what its number is."
        hint = "Write by: ratio (the rows are multiplied by it) or by: value (they become it)."
        report("ENS-204", message, address, hint=hint)
    elif written.spread is not None:
        message = "spread is for rows that move inside their own range; here is a distribution."
        report("ENS-204", message, (*address, "spread"), hint="Take one of the two out.")
    elif written.by == "ratio" and low < 0.0:
        message = f"a ratio of {low:g} would turn numbers negative."
        report("ENS-306", message, (*address, "by"), hint="Let low be 0 or more.")
    elif written.by == "value" and written.unit is None:
        report("ENS-307", "by: value needs a unit.", address, hint="Write unit: share, as one.")
    elif written.by == "value":
        for code, message, path in dict.fromkeys(_value_problems(written, (low, high), rows)):
            report(code, message, (*address, path))


def _value_problems(
    written: RowsPart, ends: tuple[float, float], rows: Mapping[Key, Record]
) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    for row in rows.values():
        quantity = quantity_of(written.table, row)
        try:
            low, high = (convert(end, str(written.unit), quantity.unit) for end in ends)
        except UnknownUnit as error:
            found.append(("ENS-307", str(error), "unit"))
            continue
        if low < quantity.lower or high > quantity.upper:
            message = (
                f"{low:g} to {high:g} {quantity.unit} is not possible; "
                f"{quantity.lower:g} to {quantity.upper:g} is."
            )
            found.append(("ENS-306", message, "by"))
    return found
