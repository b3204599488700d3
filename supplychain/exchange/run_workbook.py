"""A run, or the runs of a report, as a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pandas import DataFrame

from supplychain.exchange.workbook import (
    HEADINGS,
    Book,
    Heading,
    Line,
    book_bytes,
    day,
    put,
    put_headings,
    put_readme,
    widths,
)
from supplychain.files import whole_file
from supplychain.runs.run_schema import DAY, TABLES, TEXT, Meaning, Run, in_order, meaning
from supplychain.runs.run_store import write_csv

NUMBER_WIDTH = 14

REPORT_TABLES = {
    "alerts": "Conditions of the definition that hold.",
    "changed_inputs": "Inputs that differ from those of the last report.",
    "changed_results": "Results that moved by more than is tolerated.",
    "indicators": "What each sector loses, by region and in the world, and when, all scenarios.",
    "losses": "Value added lost by sector, region and week, all scenarios.",
}
_COLUMNS: dict[str, tuple[str, ...]] = {
    "alerts": (
        "name", "scenario", "sector", "region", "measure", "old", "new", "said", "why",
    ),
    "changed_inputs": ("kind", "what", "old", "new", "why", "source", "scenarios"),
    "changed_results": ("scenario", "sector", "region", "measure", "old", "new", "moved"),
}  # fmt: skip


def write_run_book(run: Run, target: Path) -> None:
    """Write a run's workbook, whole; the same run gives the same bytes.

    Raises:
        InvalidInput: XlsxWriter is not installed, or a table has more rows than a sheet holds.
        OSError: the file cannot be written.
    """
    content = run_book(run)
    with whole_file(target) as part:
        part.write_bytes(content)


def run_book(run: Run) -> bytes:
    """Return a run's workbook as bytes.

    Raises:
        InvalidInput: XlsxWriter is not installed, or a table has more rows than a sheet holds.
    """

    def fill(book: Book) -> None:
        names = in_order(list(run.tables))
        put_readme(book, readme(run, names), (26, 26, 22, 90))
        for name in names:
            put_table(book, name, run.tables[name])

    return book_bytes(fill)


def put_table(book: Book, name: str, table: DataFrame) -> None:
    """Write one table as a sheet: names, units, rows.

    Raises:
        InvalidInput: the table has more rows than a sheet holds.
    """
    sheet = book.sheet(name)
    known = [meaning(name, str(column)) for column in table.columns]
    headings = [
        Heading(str(column), m.unit) for column, m in zip(table.columns, known, strict=True)
    ]
    put_headings(book, sheet, headings, len(table))
    cells = [_cells(table[column], m) for column, m in zip(table.columns, known, strict=True)]
    wide = widths(headings, [(str(c) for c in column if isinstance(c, str)) for column in cells])
    for at, (column, found) in enumerate(zip(cells, known, strict=True)):
        look = book.look(found.look)
        sheet.set_column(at, at, wide[at] if found.look == TEXT else max(wide[at], NUMBER_WIDTH))
        for row, value in enumerate(column, start=HEADINGS):
            put(sheet, row, at, value, look)


def _cells(column: pd.Series[Any], known: Meaning) -> list[object]:
    """The values of a column as a sheet takes them: dates as dates, nothing where they miss."""
    values = [
        None if missing else v for v, missing in zip(column.tolist(), column.isna(), strict=True)
    ]
    if known.look == DAY:
        return [day(value) if isinstance(value, str) else value for value in values]
    return values


def readme(run: Run, names: list[str]) -> Iterator[Line]:
    """The first sheet: what ran, with what, and what each sheet and column holds."""
    record = run.record
    scenario: Mapping[str, Any] = record["scenario"]
    yield Line((f"{run.scenario}: {scenario.get('title') or run.scenario}",), "title")
    yield Line(
        ("A result of a model, not a forecast. Amounts are by week unless said otherwise.",), "text"
    )
    yield Line()
    yield from (Line((what, said), "text") for what, said in _facts(record) if said)
    yield Line()
    yield Line(("sheet", "rows", "", "what it holds"), "head")
    for name in names:
        yield Line((name, f"{len(run.tables[name]):,}", "", TABLES.get(name, "")), link=name)
    yield Line()
    yield Line(("sheet", "column", "unit", "what it holds"), "head")
    for name in names:
        for column in run.tables[name].columns:
            known = meaning(name, str(column))
            yield Line((name, str(column), known.unit, known.text))
    yield Line()
    yield Line(("What is simplified",), "head")
    yield from (Line((note,), "text") for note in record.get("notes", ()))


def _facts(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What ran, in a few words each."""
    horizon = record["scenario"].get("horizon", {})
    yield "scenario", str(record["scenario"]["name"])
    yield "run", str(record["id"])
    yield "from", str(horizon.get("start", ""))
    yield "weeks", str(horizon.get("weeks", ""))
    yield "foresight", str(record.get("foresight", ""))
    yield "allocation", str(record.get("allocation", ""))
    yield "data hash", str(record["data"]["hash"])
    yield "overlays", ", ".join(record["data"].get("overlays", ()))
    yield "version", f"supplychain {record['versions']['supplychain']}"
    yield "what bound most", str(record["headline"].get("bound_most", ""))


def report_frames(record: Mapping[str, Any], runs: Sequence[Run]) -> dict[str, DataFrame]:
    """The tables of a report by name, in the order of `TABLES`.

    Args:
        record: what report.json holds.
        runs: the runs of its scenarios.
    """
    changed = record["changed"]
    inputs = [{**row, "scenarios": ", ".join(row["scenarios"])} for row in changed["inputs"]]
    rows = {
        "alerts": record["alerts"],
        "changed_inputs": inputs,
        "changed_results": changed["results"],
    }
    found = {name: DataFrame(rows[name], columns=list(_COLUMNS[name])) for name in rows}
    indicators = pd.concat([run.tables["indicators"] for run in runs], ignore_index=True)
    return {**found, "indicators": indicators, "losses": _losses(runs)}


def _losses(runs: Sequence[Run]) -> DataFrame:
    """Value lost by scenario, sector, region and week; weeks without a loss are left out."""
    keys = ["scenario", "sector", "region", "week"]
    every = pd.concat([run.tables["shortfall"] for run in runs], ignore_index=True)
    lost = every[every["lost_value_usd"] > 0.0]
    return lost.groupby(keys, as_index=False).agg({"lost_value_usd": "sum"})


def write_report_book(record: Mapping[str, Any], runs: Sequence[Run], target: Path) -> None:
    """Write the workbook of a report, whole; the same report gives the same bytes.

    Raises:
        InvalidInput: XlsxWriter is not installed.
        OSError: the file cannot be written.
    """
    frames = report_frames(record, runs)

    def fill(book: Book) -> None:
        put_readme(book, _readme(record, frames), (26, 26, 22, 90))
        for name, frame in frames.items():
            put_table(book, name, frame)

    content = book_bytes(fill)
    with whole_file(target) as part:
        part.write_bytes(content)


def _readme(record: Mapping[str, Any], frames: Mapping[str, DataFrame]) -> Iterator[Line]:
    """The first sheet: what was asked for, what changed, and what each sheet holds."""
    yield Line((str(record["title"]),), "title")
    yield Line((str(record["sentence"]),), "text")
    yield Line(("A result of a model, not a forecast.",), "text")
    yield Line()
    yield Line(("report", f"{record['definition']}, number {record['number']}"), "text")
    yield Line(("date", str(record["date"])), "text")
    yield Line(("base", str(record["base"])), "text")
    for run in record["runs"]:
        yield Line((f"run of {run['scenario']}", str(run["id"])), "text")
    yield Line()
    yield Line(("sheet", "rows", "", "what it holds"), "head")
    for name, frame in frames.items():
        yield Line((name, f"{len(frame):,}", "", REPORT_TABLES[name]), link=name)
    yield Line()
    yield Line(("sheet", "column", "unit", "what it holds"), "head")
    for name, frame in frames.items():
        for column in frame.columns:
            known = meaning(name, str(column))
            yield Line((name, str(column), known.unit, known.text))


def write_report_csv(record: Mapping[str, Any], runs: Sequence[Run], folder: Path) -> None:
    """Write the tables of a report as CSV into a folder that is not there yet.

    Raises:
        OSError: a file cannot be written.
    """
    folder.mkdir()
    for name, frame in report_frames(record, runs).items():
        write_csv(frame, folder / f"{name}.csv")
