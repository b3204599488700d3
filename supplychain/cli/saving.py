"""Put a run on disk: its tables, its page and its record, whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from supplychain.errors import InvalidInput, problem

if TYPE_CHECKING:
    from supplychain.results.run import Run

RECORD, PAGE, TABLES = "run.json", "report.html", "tables"


def save_run(run: Run, out: Path, *, force: bool = False) -> Run:
    """Write a run to `<out>/<scenario>/` and return it with its folder and the seconds it took.

    Raises:
        InvalidInput: that folder holds something else than a run, and `force` is not set.
        Busy: another process is writing the same run.
        OSError: the folder cannot be written.
    """
    from supplychain.report import write_run_page
    from supplychain.results.folder import whole_folder
    from supplychain.results.store import write_record, write_tables
    from supplychain.results.sums import sealed
    from supplychain.study.run import peak_memory_mb

    target = out / run.scenario
    refuse_foreign(target, force=force)
    with whole_folder(target) as part:
        started = perf_counter()
        write_tables(run.tables, part / TABLES)
        written = perf_counter()
        write_run_page(run, part / PAGE)
        seconds = {"write": written - started, "report": perf_counter() - written}
        record = {
            **run.record,
            "seconds": {**run.record["seconds"], **seconds},
            "peak_memory_mb": max(run.record["peak_memory_mb"], peak_memory_mb()),
        }
        record = sealed(record, part)
        write_record(record, part)
    return replace(run, record=record, folder=target)


def refuse_foreign(target: Path, *, force: bool, record: str = RECORD) -> None:
    """Refuse to replace a folder that no run left, or nothing else with such a record.

    Raises:
        InvalidInput: the folder holds something, but no run.
    """
    if force or not target.is_dir() or (target / record).is_file() or not any(target.iterdir()):
        return
    hint = "Name another folder with --out, or add --force to replace it."
    what = "run" if record == RECORD else "ensemble"
    found = problem("SETUP-111", f"this folder holds no {what}.", file=target.as_posix(), hint=hint)
    raise InvalidInput(f"The {what} was not written.", [found])


def probe(out: Path) -> None:
    """Make sure, before a long solve, that results can be written; nothing is left behind.

    Raises:
        OSError: the folder, or the one that it would be made in, cannot be written.
    """
    import tempfile

    whole = out.absolute()
    there = next(folder for folder in (whole, *whole.parents) if folder.exists())
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"x" * 4096)
    except OSError as error:
        error.filename = str(out)
        raise
