"""The tables of a report that makes itself: small enough to mail, as frames and as a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pandas import DataFrame

from supplychain.exchange.meanings import meaning
from supplychain.exchange.run_book import put_table
from supplychain.exchange.sheets import Book, Line, book_bytes, put_readme
from supplychain.results.folder import whole_file
from supplychain.results.run import Run

TABLES = {
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
        yield Line((name, f"{len(frame):,}", "", TABLES[name]), link=name)
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
        frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
