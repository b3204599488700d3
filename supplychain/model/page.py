"""Write the tables of docs/model.md: `python -m supplychain.model.page docs/model.md`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Sequence
from pathlib import Path

from supplychain.model.build import RULES
from supplychain.model.components import COSTS, LAWS, VARIABLES, Component

BEGIN = "<!-- written from supplychain/model/components.py: begin -->"
END = "<!-- written from supplychain/model/components.py: end -->"


def formula_page() -> str:
    """Variables, laws and costs as Markdown tables, from the table that the builder reads."""
    return "\n".join(
        [
            *_table("Variables", "All are at least zero.", _plain_rows(VARIABLES)),
            *_table(
                "Laws", "A dual is what one more unit on the right-hand side costs.", _law_rows()
            ),
            *_table("Costs", "What is minimised is their sum.", _plain_rows(COSTS)),
        ]
    )


def refreshed(text: str) -> str:
    """Put today's tables between the markers of a page.

    Raises:
        ValueError: the page has no markers.
    """
    before, found, rest = text.partition(BEGIN)
    _, closed, after = rest.partition(END)
    if not (found and closed):
        raise ValueError(f"The page lacks the lines {BEGIN} and {END}.")
    return f"{before}{BEGIN}\n\n{formula_page()}\n{END}{after}"


def _table(title: str, sentence: str, rows: Sequence[Sequence[str]]) -> list[str]:
    head, *body = rows
    lines = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *body)]
    return [f"### {title}", "", sentence, "", *lines, ""]


def _plain_rows(components: Sequence[Component]) -> list[list[str]]:
    rows = [["symbol", "name", "for each", "unit", "what"]]
    return rows + [[c.symbol, f"`{c.name}`", _over(c), c.unit, c.says] for c in components]


def _law_rows() -> list[list[str]]:
    rows = [["symbol", "name", "for each", "unit", "what it states", "dual"]]
    return rows + [[c.symbol, f"`{c.name}`", _over(c), c.unit, c.says, _dual(c.name)] for c in LAWS]


def _over(component: Component) -> str:
    return ", ".join(component.over) or "the whole window"


def _dual(law: str) -> str:
    """The sentence on the dual in the law's own docstring."""
    text = " ".join((inspect.getdoc(RULES[law]) or "").split())
    return text.partition("Dual: ")[2].rstrip(".")


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(refreshed(page.read_text(encoding="utf-8")), encoding="utf-8")
