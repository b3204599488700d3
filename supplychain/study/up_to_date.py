"""A run that is on disk as a request asks for it, so that it need not be solved again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from supplychain.errors import InvalidInput
from supplychain.files import inside
from supplychain.runs.provenance import damaged_tables, program_sum, versions
from supplychain.runs.records import read_run_record

if TYPE_CHECKING:
    from supplychain.dataset import Tables
    from supplychain.runs.run_schema import Run
    from supplychain.study.run_request import RunRequest


PAGE = "report.html"


def find_up_to_date(request: RunRequest, tables: Tables, out: Path) -> Run | None:
    """The run of a request below a results folder; None where solving would give something else.

    It must have been asked for in the same words, of the same data, from this very program with
    these libraries, and its page and every table must be there as they were written.

    Raises:
        InvalidInput: the scenario is wrong.
    """
    from supplychain.runs.run_store import read_run
    from supplychain.study.run_request import id_of, inputs_of, resolve

    scenario = resolve(request, tables)
    folder = inside(out, scenario.name)
    try:
        record = read_run_record(folder)
    except (FileNotFoundError, NotADirectoryError, InvalidInput):
        return None
    if record.get("inputs") != inputs_of(request) or record.get("program") != program_sum():
        return None
    if record["versions"] != versions() or record["id"] != id_of(request, scenario, tables):
        return None
    if not (folder / PAGE).is_file() or damaged_tables(record, folder):
        return None
    return read_run(folder)
