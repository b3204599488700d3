"""Which rows of the data an input can move, and the numbers it starts from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from supplychain.dataset import TABLES, Tables
from supplychain.dataset.rows import Record
from supplychain.errors import nearest
from supplychain.regime.vocabulary import Vocabulary

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
