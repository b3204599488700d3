"""Seeded inputs that anything may have happened to, each with the command line that reads it."""

from __future__ import annotations

import atexit
import csv
import functools
import io
import json
import random
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path

from mutations import mutated, other_letters, spoilt_yaml

from supplychain.cli.main import run_and_flush
from supplychain.dataset import TABLES
from supplychain.exchange.data_workbook import data_book
from supplychain.exchange.workbook_import import read_numbers

TINY = Path(__file__).resolve().parent / "tiny"
NO_NUMBER = ("x", "nan", "inf", "-inf", "1e999", "1,5", "0x10", "--1", "1 2", "9" * 400, "=1+1")
"""Texts that are no finite number, however they are read."""
WORDS = (
    "",
    "0",
    "-1",
    "1e-300",
    "1e300",
    "2026-13-45",
    "9999-12-31",
    "../up",
    "\x1b[31m",
    "\ud800",
)
NOWHERE = "nowhere-at-all"
CHECKED = frozenset({0, 3, 6})
SCENARIO = """\
name: storm
title: Licences get slow
horizon: {start: 2026-09-28, weeks: 6}
timeline:
  - announced: 2026-09-28
    effective: 2026-09-28
    set: {regime: slow, exporter: CHN}
    why: a quarrel
    source: assumption
changes:
  - what: stage_capacity
    where: {stage: magnet-making}
    when: {from: 2026-10-05, to: 2026-10-26}
    value: 0.5
    unit: share
    why: a test
    source: assumption
"""
REPORT = """\
name: tiny
title: The tiny week
scenarios: [storm]
horizon: {start: next monday, weeks: 2}
sections: [sectors, first-stops]
every: monday 05:00
alerts:
  - {name: sooner, sector: auto, measure: first_week, earlier_by_weeks: 2, why: tell the buyers}
"""
ODDS = """\
name: odds
title: A made-up ensemble
base: storm
horizon: {start: 2026-09-28, weeks: 1}
members: 2
pairs: 1
seed: 7
paths:
  start: general-licence
  tracks: [metals]
  prior: {events: 2, weeks: 8}
inputs:
  - name: stock
    rows: {table: covers, where: {quantity: opening_cover}}
    why: no survey
    source: assumption
  - name: demand
    change: {what: plan, where: {sector: auto}, unit: share}
    distribution: {kind: uniform, low: 0.8, high: 1.2}
    why: nobody knows
    source: assumption
"""
SETTINGS = 'data = "numbers"\nout = "results"\nworkers = 1\n'


@dataclass(frozen=True)
class Tried:
    """One input: what was done to it, the command line that reads it, the codes it may end with.

    `nonsense` marks what can mean nothing, so that an end with 0 is wrong too.
    """

    done: str
    words: tuple[str, ...]
    codes: frozenset[int] = frozenset({0, 3})
    nonsense: bool = False


Mutate = Callable[[Path, random.Random], Tried]


def fresh(folder: Path) -> None:
    """A project with its own copy of the tiny world in an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "scenarios" / "ensembles").mkdir(parents=True)
    (folder / "reports").mkdir()
    shutil.copytree(TINY, folder / "numbers")
    (folder / "supplychain.toml").write_text(SETTINGS)
    (folder / "scenarios" / "storm.yaml").write_text(SCENARIO)


def data_folder(folder: Path, dice: random.Random) -> Tried:
    """A table of a data folder is spoilt; 6 is the code of sums that do not close."""
    file = dice.choice(sorted((folder / "numbers").glob("*.csv")))
    done, nonsense = spoilt_table(file, file, dice)
    return Tried(done, ("data", "check", "-q"), CHECKED, nonsense)


def overlay(folder: Path, dice: random.Random) -> Tried:
    """A table of an overlay is spoilt; it holds the rows of the data folder."""
    file = dice.choice(sorted((folder / "numbers").glob("*.csv")))
    (folder / "mine").mkdir()
    done, nonsense = spoilt_table(file, folder / "mine" / file.name, dice)
    return Tried(done, ("data", "check", "--overlay", "mine", "-q"), CHECKED, nonsense)


def solved(folder: Path, dice: random.Random) -> Tried:
    """A table is spoilt, and six weeks are solved with it."""
    tried = data_folder(folder, dice)
    words = ("run", "storm", "--no-band", "-q")
    return Tried(tried.done, words, frozenset({0, 3, 4}), tried.nonsense)


def spoilt_table(source: Path, target: Path, dice: random.Random) -> tuple[str, bool]:
    """Write a table to which one thing has happened; what it is, and whether it means nothing."""
    text = source.read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(text)))
    kind = dice.choice(("cell", "cell", "cell", "cell", "row", "column", "letters", "bytes"))
    if kind == "bytes":
        target.write_bytes(text.encode("utf-8")[:-1] + dice.choice((b"\xff\xfe", b"\x00", b'"')))
        return f"{source.name}: another last byte", False
    if kind == "letters":
        spoilt = other_letters(text, dice)
        target.write_text(spoilt, encoding="utf-8", errors="surrogatepass")
        return f"{source.name}: other letters", False
    if kind == "cell" and len(rows) > 1:
        done, nonsense = _other_cell(source.stem, rows, dice)
    elif kind == "row" and len(rows) > 1:
        at = dice.randrange(1, len(rows))
        nonsense = dice.random() < 0.5
        rows[at : at + 1] = [rows[at]] * 2 if nonsense else []
        done = f"row {at + 1} twice" if nonsense else f"no row {at + 1}"
    else:
        column = dice.choice(rows[0])
        at = rows[0].index(column)
        rows[0][at] = dice.choice(("", column.upper(), "value", NOWHERE))
        done, nonsense = f"column {column} is called {rows[0][at]!r}", rows[0][at] != column
    with target.open("w", newline="", encoding="utf-8", errors="surrogatepass") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    return f"{source.name}: {done}", nonsense


def _other_cell(table: str, rows: list[list[str]], dice: random.Random) -> tuple[str, bool]:
    at = dice.randrange(1, len(rows))
    name = dice.choice(rows[0])
    column = TABLES[table].column(name)
    wrong = {
        "number": NO_NUMBER,
        "code": (NOWHERE,),
        "unit": (NOWHERE,),
        "sources": (NOWHERE,),
        "date": (NOWHERE, "2026-13-45"),
    }.get(column.kind, ())
    nonsense = bool(wrong) and dice.random() < 0.6
    cell = dice.choice(wrong if nonsense else WORDS)
    rows[at][rows[0].index(name)] = cell
    return f"row {at + 1}, column {name} is {cell[:40]!r}", nonsense


def _yaml_file(text: str, place: str, *words: str) -> Mutate:
    def mutate(folder: Path, dice: random.Random) -> Tried:
        (folder / place).write_text(spoilt_yaml(text, dice), encoding="utf-8", errors="replace")
        return Tried(f"{place} is spoilt", words, frozenset({0, 3, 7}))

    return mutate


def settings(folder: Path, dice: random.Random) -> Tried:
    """The settings are spoilt."""
    text = other_letters(SETTINGS, dice)
    (folder / "supplychain.toml").write_text(text, encoding="utf-8", errors="replace")
    return Tried("supplychain.toml is spoilt", ("scenario", "list", "-q"))


@functools.cache
def _book() -> bytes:
    return data_book(read_numbers(TINY))


def workbook(folder: Path, dice: random.Random) -> Tried:
    """A part of a workbook is spoilt, or gone."""
    with zipfile.ZipFile(io.BytesIO(_book())) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    name = dice.choice(sorted(parts))
    text = parts.pop(name).decode("utf-8")
    gone = dice.random() < 0.2
    with zipfile.ZipFile(folder / "plan.xlsx", "w", zipfile.ZIP_DEFLATED) as new:
        for part, content in parts.items():
            new.writestr(part, content)
        if not gone:
            new.writestr(name, _other_part(text, dice).encode("utf-8", "replace"))
    words = ("data", "import", "plan.xlsx", "-o", "mine", "-q")
    return Tried(f"{name} is {'gone' if gone else 'spoilt'}", words, frozenset({0, 3, 7}))


def _other_part(text: str, dice: random.Random) -> str:
    """A part with another number, or with other letters."""
    opens = [i for i in range(len(text)) if text.startswith("<v>", i)]
    if not opens or dice.random() < 0.3:
        return other_letters(text, dice)
    at = dice.choice(opens)
    end = text.index("</v>", at)
    return text[: at + 3] + dice.choice((*NO_NUMBER, *WORDS[:5])) + text[end:]


@functools.cache
def _results() -> Path:
    """A results folder with one run of six weeks, solved once."""
    folder = Path(tempfile.mkdtemp(prefix="supplychain-mutations-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    fresh(folder)
    with chdir(folder):
        assert run_and_flush(("run", "storm", "--no-band", "-q")) == 0
    return folder / "results"


def _run_record(*words: str) -> Mutate:
    """The record of a run is spoilt."""

    def mutate(folder: Path, dice: random.Random) -> Tried:
        shutil.copytree(_results(), folder / "results")
        file = folder / "results" / "storm" / "run.json"
        file.write_text(json.dumps(mutated(json.loads(file.read_text()), dice)))
        return Tried("run.json is spoilt", words, frozenset({0, 3, 7}))

    return mutate


KINDS: dict[str, Mutate] = {
    "data": data_folder,
    "overlay": overlay,
    "solved": solved,
    "scenario": _yaml_file(SCENARIO, "scenarios/storm.yaml", "scenario", "check", "storm", "-q"),
    "report": _yaml_file(REPORT, "reports/tiny.yaml", "report", "tiny", "--check", "-q"),
    "ensemble": _yaml_file(ODDS, "scenarios/ensembles/odds.yaml", "ensemble", "odds", "-q"),
    "settings": settings,
    "workbook": workbook,
    "list": _run_record("runs", "list"),
    "export": _run_record("export", "latest:storm", "--to", "csv", "-q"),
}
"""By kind of file, and for the record of a run by the command that reads it."""


@dataclass(frozen=True)
class Wrong:
    """An input after which the command ended as it must not."""

    kind: str
    seed: int
    done: str
    code: int

    @property
    def what(self) -> str:
        """Which kind of wrong it is."""
        return {0: "nonsense taken", 1: "fault"}.get(self.code, "wrong code")

    def __str__(self) -> str:
        return f"{self.kind} {self.seed}: {self.done}: ended with {self.code}, {self.what}"


def try_one(kind: str, seed: int, folder: Path) -> Wrong | None:
    """Make the input of a kind and seed in a folder and have its command read it."""
    fresh(folder)
    tried = KINDS[kind](folder, random.Random(f"{kind} {seed}"))
    with chdir(folder):
        code = run_and_flush(tried.words)
    if code in tried.codes and not (tried.nonsense and code == 0):
        return None
    return Wrong(kind, seed, tried.done, code)
