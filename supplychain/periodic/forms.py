"""The forms of a report: the brief always, then the page, its PDF, workbooks and CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from supplychain.errors import InvalidInput, Problem
from supplychain.periodic.plan import Plan

if TYPE_CHECKING:
    from supplychain.periodic.solving import Had
    from supplychain.results.run import Run

PAGE = "report.html"


def write_forms(
    plan: Plan, record: Mapping[str, Any], had: Sequence[Had], folder: Path
) -> tuple[list[str], list[Problem]]:
    """Write a report's files into its folder.

    Returns:
        The forms that this machine cannot make, and why. The others are there.

    Raises:
        InvalidInput: a kept run cannot be read.
        OSError: a file cannot be written.
    """
    from supplychain.periodic.brief import brief_json, brief_text
    from supplychain.results.folder import write_json
    from supplychain.results.store import read_run

    runs = [read_run(one.folder) for one in had]
    wanted = list(plan.definition.part.forms)
    missing: list[str] = []
    problems: list[Problem] = []
    for form in FORMS:
        if form not in wanted and not (form == "html" and "pdf" in wanted):
            continue
        try:
            FORMS[form](plan, record, runs, folder)
        except InvalidInput as error:
            missing.append(form)
            problems.extend(error.problems)
    files = {PAGE: ""} if (folder / PAGE).exists() else {}
    shown = {**record, "files": files}
    (folder / "brief.md").write_text(brief_text(shown), encoding="utf-8")
    write_json(brief_json(shown), folder / "brief.json")
    return missing, problems


def _html(plan: Plan, record: Mapping[str, Any], runs: Sequence[Run], folder: Path) -> None:
    from supplychain.report.standing import write_standing_page

    titles = _titles(plan)
    write_standing_page(record, runs, plan.definition.sections, titles, folder / PAGE)


def _titles(plan: Plan) -> dict[str, tuple[str, str]]:
    """Title and address of each source of the data."""
    return {
        str(row["source"]): (str(row["title"]), str(row["url"] or ""))
        for row in plan.tables.records("sources")
    }


def _pdf(_plan: Plan, _record: Mapping[str, Any], _runs: Sequence[Run], folder: Path) -> None:
    from supplychain.report.paper import print_page

    print_page(folder / PAGE, folder / "report.pdf")


def _xlsx(_plan: Plan, record: Mapping[str, Any], runs: Sequence[Run], folder: Path) -> None:
    from supplychain.exchange.report_book import write_report_book

    write_report_book(record, runs, folder / "report.xlsx")


def _csv(_plan: Plan, record: Mapping[str, Any], runs: Sequence[Run], folder: Path) -> None:
    from supplychain.exchange.report_book import write_report_csv

    write_report_csv(record, runs, folder / "csv")


Form = Callable[[Plan, Mapping[str, Any], Sequence["Run"], Path], None]
FORMS: Mapping[str, Form] = {"html": _html, "pdf": _pdf, "xlsx": _xlsx, "csv": _csv}
"""What writes each form; the page comes before the PDF, which is printed from it."""
