"""Uncertain inputs that move rows of the data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from supplychain.dataset import TABLES, Tables
from supplychain.dataset.row_validation import Record
from supplychain.dataset.table_types import Quantity
from supplychain.documents import Address
from supplychain.ensemble.distributions import extremes
from supplychain.ensemble.ensemble_definition import Distribution, Ground, RowsPart, RowTarget
from supplychain.errors import nearest
from supplychain.scenario.vocabulary import Vocabulary
from supplychain.units import UnknownUnit, convert

Key = tuple[str, ...]
Words = Mapping[str, Sequence[str]]

PRIORS, FITTED = "regime_parameters", "fitted_parameters"

NOT_MOVED: dict[str, str] = {
    "closure_targets": "The model does not read it.",
    "observations": "The model does not read it.",
    FITTED: f"Name {PRIORS}: what is fitted on top of it moves with it.",
    "regime_states": "Paths draw from it themselves.",
    "sourcing": "Its shares must add up to one.",
    "material_content": "Masses must add up.",
    "process_flows": "Masses must add up.",
}
"""Tables of numbers that cannot be moved, and why."""

FIXED_ASSUMPTIONS = ("loss_step", "period")
"""Parts of the names of assumptions that give the programme its shape."""

SHOWN = 3
"""Rows that a message names."""

QUANTILE = "quantile"
"""The unit where every row moves inside its own range."""


@dataclass(frozen=True)
class Chosen:
    """Rows of one table by key, each with what a key says of it, or what is wrong."""

    rows: Mapping[Key, Record]
    problems: tuple[tuple[str, str, str, str], ...] = ()
    """Code, path inside the input's rows, message, hint."""


def movable() -> list[str]:
    """The names of the tables that can be moved."""
    return [name for name, table in TABLES.items() if table.numbers and name not in NOT_MOVED]


def in_force(table: str, tables: Tables) -> dict[Key, Record]:
    """The rows of a table by key; of regimes, with those that are fitted in place of priors."""
    names = (PRIORS, FITTED) if table == PRIORS else (table,)
    keys = TABLES[table].key
    return {
        tuple(str(row[column]) for column in keys): row
        for name in names
        for row in tables.records(name)
    }


def choose(table: str, where: Words, leave_out: Words, tables: Tables, words: Vocabulary) -> Chosen:
    """Choose the rows that have one of the words under each key, and none of those left out.

    A key is a column of the table's own key, or what the data say of the row's line, customer or
    segment: site, process, stage, status, region; segment, sector, region, end_use.
    """
    if table not in movable():
        hint = NOT_MOVED.get(table) or nearest(table, movable())
        message = f'"{table}" is no table that can be moved.'
        return Chosen({}, (("ENS-301", "table", message, hint),))
    rows = {
        key: row
        for key, row in in_force(table, tables).items()
        if table != "assumptions" or not any(part in key[0] for part in FIXED_ASSUMPTIONS)
    }
    said = _said_of(table, rows, tables, words)
    problems = [
        *_word_problems("where", where, said),
        *_word_problems("except", leave_out, said),
    ]
    found = {
        key: rows[key]
        for key, about in said.items()
        if all(about.get(name) in wanted for name, wanted in where.items())
        and not (leave_out and all(about.get(n) in unwanted for n, unwanted in leave_out.items()))
    }
    if not found and not problems:
        problems.append(("ENS-304", "where", f"no row of {table} is chosen.", ""))
    return Chosen(dict(sorted(found.items())), tuple(problems))


def _said_of(
    table: str, keys: Iterable[Key], tables: Tables, words: Vocabulary
) -> dict[Key, dict[str, str]]:
    """All words of each row: its key, and what its line, customer or segment is."""
    status = dict(zip(tables["lines"]["line"], tables["lines"]["status"], strict=True))
    lines = {row["line"]: {**row, "status": status[row["line"]]} for row in words.line_rows}
    customers = {row["customer"]: dict(row) for row in words.customer_rows}
    segments = {
        row["segment"]: {"sector": row["sector"], "end_use": row["end_use"]}
        for row in words.customer_rows
    }
    found: dict[Key, dict[str, str]] = {}
    for key in keys:
        own = dict(zip(TABLES[table].key, key, strict=True))
        more: dict[str, str] = {}
        for name, about in (("line", lines), ("customer", customers), ("segment", segments)):
            more.update(about.get(own.get(name, ""), {}))
        found[key] = {**more, **own}
    return found


def _word_problems(
    part: str, given: Words, said: Mapping[Key, Mapping[str, str]]
) -> Iterator[tuple[str, str, str, str]]:
    names = sorted({name for about in said.values() for name in about})
    for name, wanted in given.items():
        if name not in names:
            hint = nearest(name, names) or f"Known here: {', '.join(names)}."
            message = f'rows cannot be chosen by "{name}".'
            yield "ENS-302", f"{part}.{name}", message, hint
            continue
        known = sorted({about[name] for about in said.values() if name in about})
        for word in wanted:
            if word not in known:
                yield (
                    "ENS-303",
                    f"{part}.{name}",
                    f'no row has {name} "{word}".',
                    nearest(word, known),
                )


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
