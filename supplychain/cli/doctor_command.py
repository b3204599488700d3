"""`supplychain doctor`: does this installation have what it needs?"""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import typer

from supplychain import __version__
from supplychain.cli.command import Answer, register
from supplychain.cli.options import Inputs
from supplychain.cli.settings import Settings, resolve
from supplychain.errors import ExitCode, InvalidInput, problem
from supplychain.report.text.terminal_table import table

PACKAGES = (
    "duckdb", "filelock", "highspy", "jinja2", "numpy", "openpyxl", "pandas", "plotly", "pydantic",
    "pyomo", "pyyaml", "rich", "scipy", "typer", "xlsxwriter",
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `needed` says whether the program can do without."""

    what: str
    found: str
    ok: bool = True
    needed: bool = True
    remedy: str = ""


def add(app: typer.Typer) -> None:
    """Add the command to the application."""
    register(app, "doctor")(doctor)


def doctor(options: Inputs) -> Answer:
    """Look at versions, solver, browser, write access and data; 3 if something is missing."""
    import platform

    settings = resolve(options, os.environ, Path.cwd())
    findings = [
        Finding("supplychain", __version__),
        Finding("python", f"{platform.python_version()} ({sys.executable})"),
        *(_package(name) for name in PACKAGES),
        _solver(),
        _browser(),
        _write_access(settings.out),
        _data(settings),
    ]
    rows = [[f.what, f.found, "ok" if f.ok else "missing", f.remedy] for f in findings]
    problems = [
        problem("SETUP-201", f"{f.what}: {f.found}.", hint=f.remedy)
        for f in findings
        if f.needed and not f.ok
    ]
    return Answer(
        table(["what", "found", "state", "remedy"], rows),
        {"findings": [asdict(f) for f in findings]},
        problems=problems,
        code=ExitCode.INVALID if problems else ExitCode.DONE,
    )


def _package(name: str) -> Finding:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return Finding(name, version(name))
    except PackageNotFoundError:
        return Finding(name, "not installed", ok=False, remedy=f"pip install {name}")


def _solver() -> Finding:
    """Whether HiGHS solves a programme of two variables."""
    try:
        from supplychain.solve.highs import self_test
    except ImportError as error:
        remedy = "pip install --force-reinstall highspy"
        return Finding("solver", str(error), ok=False, remedy=remedy)
    version, objective, wanted = self_test()
    ok = abs(objective - wanted) < 1e-9
    remedy = "" if ok else "pip install --force-reinstall highspy"
    found = f"HiGHS {version}, test programme {objective:g}, should be {wanted:g}"
    return Finding("solver", found, ok=ok, remedy=remedy)


def _browser() -> Finding:
    """Chromium is for --pdf and the tests; the page itself opens in any browser."""
    from supplychain.report.pages.pdf import browser

    found = browser()
    if found:
        return Finding("browser", found, needed=False)
    remedy = "only --pdf and the tests of the page need it: apt install chromium chromium-driver"
    return Finding("browser", "no chromium on the path", ok=False, needed=False, remedy=remedy)


def _write_access(out: Path) -> Finding:
    from supplychain.files import probe

    try:
        probe(out)
    except OSError as error:
        remedy = "choose another folder with --out"
        return Finding("results folder", f"{out}: {error.strerror}", ok=False, remedy=remedy)
    return Finding("results folder", f"{out} can be written")


def _data(settings: Settings) -> Finding:
    from supplychain.dataset import read_tables

    try:
        tables = read_tables(settings.data, settings.overlays)
    except InvalidInput as error:
        return Finding("data", error.message, ok=False, remedy="supplychain data check")
    return Finding("data", f"{tables.folder}, {len(tables)} tables, sha256 {tables.hash[:12]}")
