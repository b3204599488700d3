"""Write the tables of docs/scenarios.md: `python -m supplychain.regime.page docs/scenarios.md`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from supplychain.regime.causes import CAUSES
from supplychain.regime.change_kinds import KINDS, ChangeKind
from supplychain.regime.codes import CODES

BEGIN = "<!-- written from supplychain/regime: begin -->"
END = "<!-- written from supplychain/regime: end -->"


def reference_tables() -> str:
    """Kinds of change, causes and codes of problems as Markdown, from what the code uses."""
    kinds = [[f"`{k.name}`", _where(k), " or ".join(k.units), k.meaning] for k in KINDS.values()]
    causes = [[f"`{c.name}`", c.title, c.meaning] for c in CAUSES.values()]
    codes = [[code, meaning] for code, meaning in CODES.items()]
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
            *markdown_table(["code", "meaning"], codes),
            "",
        ]
    )


def refreshed(text: str, begin: str = BEGIN, end: str = END, tables: str | None = None) -> str:
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


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(refreshed(target.read_text(encoding="utf-8")), encoding="utf-8")
