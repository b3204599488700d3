"""Tables of docs/ written from code: `python -m supplychain.reference.reference_pages FILE`."""

from __future__ import annotations

import inspect
import math
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from supplychain.case.mixed_case import CAUSES
from supplychain.dataset import Tables, read_tables
from supplychain.dataset.csv_reader import PACKAGE
from supplychain.dataset.data_package import data_package, package_text
from supplychain.dataset.schema import TABLES
from supplychain.dataset.schema_policy import STATES
from supplychain.dataset.table_types import NUMBER_BLOCK, Column, Table
from supplychain.ensemble.distributions import KINDS as DISTRIBUTION_KINDS
from supplychain.ensemble.ensemble_definition import PriorPart
from supplychain.ensemble.regime_paths import INTERVAL, Hazard, estimate, read_spells, state_regimes
from supplychain.model.build_model import RULES
from supplychain.model.components import CONSTRAINTS, COSTS, VARIABLES, Component
from supplychain.reference.problem_codes import (
    CLOSURE_CODES,
    COMMAND_CODES,
    COMPANY_CODES,
    DATA_CODES,
    ENSEMBLE_CODES,
    MEASURE_CODES,
    REPORT_CODES,
    SCENARIO_CODES,
    WORKBOOK_CODES,
)
from supplychain.scenario.change_types import KINDS, ChangeKind
from supplychain.units import CANONICAL, UNITS

INTRODUCTION = """\
# The data folder

Written from the schema in `supplychain/dataset`; do not edit, but run
`python -m supplychain.reference.reference_pages docs/data.md`.

A data folder holds one CSV file for each table below: UTF-8, a comma between the cells, the names
of the columns in the first row. All tables must be there; one without rows still has its header.
The absence of a row means that there is no such thing, a blank required cell is an error, and no
number is left blank in order to mean zero. `supplychain data check` names every problem at once,
with file, row (the header is row 1), column and remedy. A `README` may lie in the folder too, and
`datapackage.json`, which tells other tools what the tables hold and is not read here: it is
written from the same schema, by the same command.

## Numbers

A table of numbers holds one number a row, and each of its rows ends with these columns. `raw` is
there only in the tables that reconciliation may change.
"""

OVERLAYS = """\
## Overlays

An overlay is a folder with only the tables and rows that differ: `--overlay DIR`, several times if
wanted, the last one on top. Its files have the same names and columns. A row whose key is there
already replaces that row, any other row is added, and a row with `yes` in the additional column
`remove` takes away the row of that key; its other cells may be blank. The result is checked like
any other data, and every changed cell, old and new, is kept with the results. Without touching
CSV: [numbers in a spreadsheet](workbooks.md).

A changed cell that no run reads is named by `data check` and in the warnings of a run, with what
wins over it: a regime parameter that was fitted, a stock where the region holds none of the
material, a cover or sourcing of a material that the customer does not use, a lane that nothing
takes, a range without its value. So are transit and lead times that are not whole weeks, with what
they count as. Each quantity has a lower and an upper bound; beyond them a number is refused.
"""

MODEL_BEGIN = "<!-- written from supplychain/model/components.py: begin -->"
MODEL_END = "<!-- written from supplychain/model/components.py: end -->"

CODES_BEGIN = "<!-- written from supplychain/reference/problem_codes.py: begin -->"
CODES_END = "<!-- written from supplychain/reference/problem_codes.py: end -->"
CODE_PAGES = {
    "company.md": COMPANY_CODES,
    "interface.md": COMMAND_CODES,
    "measures.md": MEASURE_CODES,
    "reports.md": REPORT_CODES,
    "workbooks.md": WORKBOOK_CODES,
}
"""Pages of which the codes of problems alone are written from code."""

SCENARIOS_BEGIN = "<!-- written from supplychain/scenario: begin -->"
SCENARIOS_END = "<!-- written from supplychain/scenario: end -->"

ENSEMBLES_BEGIN = "<!-- written from supplychain/ensemble: {name} begin -->"
ENSEMBLES_END = "<!-- written from supplychain/ensemble: {name} end -->"

PROSE_WIDTH = 99
"""Characters in a line of prose, at most."""

YEAR = 52
"""Weeks."""


def data_dictionary() -> str:
    """Return docs/data.md as text."""
    parts = [INTRODUCTION, _columns(NUMBER_BLOCK), _units(), OVERLAYS, "## Tables\n"]
    parts.append(
        _grid(
            ("table", "holds"), ((f"[{t.name}](#{t.name})", t.description) for t in TABLES.values())
        )
    )
    parts.extend(_table_section(table) for table in TABLES.values())
    parts.append("## Problems\n")
    parts.append(_grid(("code", "meaning"), (DATA_CODES | CLOSURE_CODES).items()))
    return "\n".join(parts)


def _table_section(table: Table) -> str:
    """Describe one table."""
    raw = ", with `raw`" if table.raw else ""
    tail = f" Each row ends with the columns of [numbers](#numbers){raw}." if table.numbers else ""
    key = ", ".join(f"`{column}`" for column in table.key)
    text = f"### {table.name}\n\n{_prose(table.description)}\n\n{_prose(f'Key: {key}.{tail}')}\n\n"
    return text + _columns(table.columns) + ("\n" + _quantities(table) if table.numbers else "")


def _prose(text: str) -> str:
    return textwrap.fill(text, PROSE_WIDTH, break_long_words=False, break_on_hyphens=False)


def _columns(columns: tuple[Column, ...]) -> str:
    rows = ((f"`{c.name}`", _what(c), "" if c.required else "yes", c.description) for c in columns)
    return _grid(("column", "holds", "may be blank", "meaning"), rows)


def _what(column: Column) -> str:
    """Say in words what a cell of a column may be."""
    if column.choices:
        return ", ".join(f"`{word}`" for word in column.choices)
    if column.kind == "sources":
        return "keys of [sources](#sources)"
    if column.refers_to:
        other = ", or `ANY`" if column.wildcard else ""
        return f"key of [{column.refers_to}](#{column.refers_to}){other}"
    return {"code": "capital letters", "date": "year-month-day"}.get(column.kind, column.kind)


def _quantities(table: Table) -> str:
    rows = (
        (
            f"`{q.name}`",
            q.unit,
            f"{q.lower:g}",
            "" if q.upper == math.inf else f"{q.upper:g}",
            q.description,
        )
        for q in table.quantities
    )
    head = table.quantity_column or "number"
    return _grid((head, "unit in the model", "at least", "at most", "meaning"), rows)


def _units() -> str:
    """List the units by dimension."""
    rows = (
        (
            dimension,
            unit,
            ", ".join(f"`{u}`" for u, spec in UNITS.items() if spec.dimension == dimension),
        )
        for dimension, unit in CANONICAL.items()
    )
    return "Units:\n\n" + _grid(("dimension", "in the model", "may be written in"), rows)


def _grid(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Write a Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines
    )


def refreshed_page(page: Path) -> str:
    """A page of docs/ with today's tables: all of data.md, the marked parts of the others.

    `datapackage.json` of the data folder is written from the schema like data.md.

    Raises:
        ValueError: nothing of the page is written from code, or it has no markers.
    """
    if page.name == "data.md":
        return data_dictionary()
    if page.name == PACKAGE:
        return package_text(data_package())
    if page.name in CODE_PAGES:
        table = "\n".join(_code_table(CODE_PAGES[page.name])) + "\n"
        return put_between(page.read_text(encoding="utf-8"), CODES_BEGIN, CODES_END, table)
    ways = {
        "model.md": refreshed_model,
        "scenarios.md": put_between,
        "ensembles.md": refreshed_ensembles,
    }
    if page.name not in ways:
        raise ValueError(f"Nothing of {page.name} is written from code.")
    return ways[page.name](page.read_text(encoding="utf-8"))


def formula_page() -> str:
    """Variables, laws and costs as Markdown tables, from the table that the builder reads."""
    return "\n".join(
        [
            *_component_table("Variables", "All are at least zero.", _plain_rows(VARIABLES)),
            *_component_table(
                "Laws", "A dual is what one more unit on the right-hand side costs.", _law_rows()
            ),
            *_component_table("Costs", "What is minimised is their sum.", _plain_rows(COSTS)),
        ]
    )


def refreshed_model(text: str) -> str:
    """Put today's tables between the markers of a page.

    Raises:
        ValueError: the page has no markers.
    """
    return put_between(text, MODEL_BEGIN, MODEL_END, formula_page())


def _component_table(title: str, sentence: str, rows: Sequence[Sequence[str]]) -> list[str]:
    head, *body = rows
    return [f"### {title}", "", sentence, "", *markdown_table(head, body), ""]


def _plain_rows(components: Sequence[Component]) -> list[list[str]]:
    rows = [["symbol", "name", "for each", "unit", "what"]]
    return rows + [[c.symbol, f"`{c.name}`", _over(c), c.unit, c.says] for c in components]


def _law_rows() -> list[list[str]]:
    rows = [["symbol", "name", "for each", "unit", "what it states", "dual"]]
    return rows + [
        [c.symbol, f"`{c.name}`", _over(c), c.unit, c.says, _dual(c.name)] for c in CONSTRAINTS
    ]


def _over(component: Component) -> str:
    return ", ".join(component.over) or "the whole window"


def _dual(law: str) -> str:
    """The sentence on the dual in the law's own docstring."""
    text = " ".join((inspect.getdoc(RULES[law]) or "").split())
    return text.partition("Dual: ")[2].rstrip(".")


def reference_tables() -> str:
    """Kinds of change, causes and codes of problems as Markdown, from what the code uses."""
    kinds = [[f"`{k.name}`", _where(k), " or ".join(k.units), k.meaning] for k in KINDS.values()]
    causes = [[f"`{c.name}`", c.title, c.meaning] for c in CAUSES.values()]
    return "\n".join(
        [
            "### Kinds of change",
            "",
            *markdown_table(["what", "where", "unit", "what the value means"], kinds),
            "",
            "### Causes",
            "",
            *markdown_table(["cause", "title", "what it holds"], causes),
            "",
            "### Problems",
            "",
            *_code_table(SCENARIO_CODES),
            "",
        ]
    )


def put_between(
    text: str, begin: str = SCENARIOS_BEGIN, end: str = SCENARIOS_END, tables: str | None = None
) -> str:
    """Put today's tables between the markers of a page; by default those of scenarios.

    Raises:
        ValueError: the page has no markers.
    """
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"The page lacks the lines {begin} and {end}.")
    return f"{before}{begin}\n\n{tables or reference_tables()}\n{end}{after}"


def _where(kind: ChangeKind) -> str:
    must = [f"**{key}**" for key in kind.needs]
    may = ", ".join(kind.may_have)
    if kind.one_of:
        return f"one or more of {may}"
    return ", ".join([*must, may] if may else must)


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table in Markdown."""
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def _code_table(codes: Mapping[str, str]) -> list[str]:
    return markdown_table(["code", "meaning"], [[code, means] for code, means in codes.items()])


def refreshed_ensembles(text: str) -> str:
    """Put today's tables between the markers of the page.

    Raises:
        ValueError: the page lacks a pair of markers.
    """
    for name, table in page_tables(read_tables()).items():
        text = put_between(
            text, ENSEMBLES_BEGIN.format(name=name), ENSEMBLES_END.format(name=name), table
        )
    return text


def page_tables(tables: Tables) -> dict[str, str]:
    """The tables of the page by the name in their markers."""
    prior = PriorPart.model_validate({})
    hazards = estimate(read_spells(tables), prior.events, prior.weeks)
    laws = [
        [f"`{name}`", ", ".join(kind.needs), ", ".join(kind.may_have)]
        for name, kind in DISTRIBUTION_KINDS.items()
    ]
    found = {
        "distributions": markdown_table(["kind", "needs", "may have"], laws),
        "states": markdown_table(["state", "regimes that stand for it"], _states(tables)),
        "leaving": markdown_table(
            ["state", "weeks on record", "times left", "a week", f"left within {YEAR} weeks"],
            _leaving(hazards),
        ),
        "hazards": markdown_table(
            ["from", "to", "events", "weeks", "hazard a week", "5 to 95 %", "decisions"],
            _pairs(hazards),
        ),
        "problems": _code_table(ENSEMBLE_CODES),
    }
    return {name: "\n".join(lines) + "\n" for name, lines in found.items()}


def _states(tables: Tables) -> list[list[str]]:
    regimes = state_regimes(tables)
    return [
        [state, ", ".join(f"`{name}` {share:g}" for name, share in regimes.get(state, ()))]
        for state in STATES
    ]


def _leaving(hazards: Sequence[Hazard]) -> list[list[str]]:
    """How often each state was left, and the chance to leave it within a year.

    With the hazard known as Gamma(a, b) the chance is 1 - (b / (b + k))^a for k weeks (Lomax).
    """
    from scipy.special import gammaincinv

    rows = []
    for state in STATES:
        out = [h for h in hazards if h.from_state == state]
        shape, rate = sum(h.shape for h in out), out[0].rate
        mean = 1.0 - (rate / (rate + YEAR)) ** shape
        low, high = (-math.expm1(-YEAR * gammaincinv(shape, q) / rate) for q in INTERVAL)
        rows.append(
            [
                state,
                f"{out[0].weeks_at_risk:.0f}",
                f"{sum(h.events for h in out)}",
                f"{shape / rate:.3f}",
                f"{mean:.0%} ({low:.0%} to {high:.0%})",
            ]
        )
    return rows


def _pairs(hazards: Sequence[Hazard]) -> list[list[str]]:
    """Every change that happened, and one line for those of each state that never did."""
    rows = []
    for state in STATES:
        out = [h for h in hazards if h.from_state == state]
        seen = [h for h in out if h.events]
        for h in [*seen, next(h for h in out if not h.events)]:
            rows.append(
                [
                    state,
                    h.to_state if h.events else "each of the others",
                    f"{h.events}",
                    f"{h.weeks_at_risk:.0f}",
                    f"{h.hazard_per_week:.4f}",
                    f"{h.low:.4f} to {h.high:.4f}",
                    ", ".join(f"`{event}`" for event in h.source_events) or "the prior alone",
                ]
            )
    return rows


if __name__ == "__main__":
    for word in sys.argv[1:]:
        Path(word).write_text(refreshed_page(Path(word)), encoding="utf-8")
