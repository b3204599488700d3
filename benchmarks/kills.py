"""Kill commands at any moment (kill -9) and look at what is left: nothing may be torn.

    python benchmarks/kills.py [--kills 300] [--seed 7]

Nine commands on the tiny world, each from the same prepared project. After a kill every file that
can be seen is read whole, `runs list` and `report --check` know of no damage, what the command does
not write has the same bytes, and the same command comes through.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from contextlib import chdir, redirect_stderr, redirect_stdout, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "worlds")]

import duckdb  # noqa: E402
import yaml  # noqa: E402
from mutated_inputs import ODDS, REPORT, fresh  # noqa: E402

from supplychain.cli.main import run_and_flush  # noqa: E402

COMMANDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "run": ("run storm --no-band --force -q", ("results/",)),
    "compare": ("compare latest:storm latest:calm -q", ("results/",)),
    "ensemble": ("ensemble odds --resume -q", ("results/",)),
    "report": ("report tiny --force -q", ("results/",)),
    "export": (
        "export latest:storm --to xlsx,csv,iamc -q",
        ("results/storm", "results/runs.sqlite"),
    ),
    "prune": ("runs prune --keep 1 -q", ("results/",)),
    "data export": ("data export --to xlsx --out book.xlsx --force -q", ("book.xlsx",)),
    "data import": ("data import plan.xlsx -o mine --force -q", ("mine",)),
    "add-event": (
        "data add-event us-2026-test --announced 2026-11-20 --effective 2026-11-27 --actor USA "
        "--name Test --effect none --source assumption -q",
        ("numbers/events.csv", "numbers/sources.csv"),
    ),
}
"""Each with what it may write."""


def call(folder: Path, words: str) -> subprocess.Popen[str]:
    """Start a command in a session of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "supplychain", *words.split()],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SUPPLYCHAIN_WORKERS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def done(folder: Path, words: str) -> None:
    """See a command through; anything but 0 is a fault of this script or of the program."""
    process = call(folder, words)
    _, said = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{words} ended with {process.returncode}: {said[-500:]}")


def prepare(folder: Path) -> None:
    """A project with two runs of each scenario, a report, an ensemble, a workbook to import."""
    fresh(folder)
    calm = (folder / "scenarios" / "storm.yaml").read_text().replace("storm", "calm")
    (folder / "scenarios" / "calm.yaml").write_text(calm.replace("regime: slow", "regime: open"))
    (folder / "scenarios" / "ensembles" / "odds.yaml").write_text(ODDS)
    (folder / "reports" / "tiny.yaml").write_text(REPORT)
    for words in (
        "report tiny -q", "run storm calm --weeks 5 --no-band -q", "run storm calm --no-band -q",
        "ensemble odds -q", "data export --to xlsx --out plan.xlsx -q",
        "data export --to xlsx --out book.xlsx -q",
    ):  # fmt: skip
        done(folder, words)


def torn(folder: Path) -> list[str]:
    """Files that can be seen and are not whole."""
    found = []
    for file in sorted(folder.rglob("*")):
        if any(part.startswith(".") for part in file.relative_to(folder).parts):
            continue
        if file.is_file() and not whole(file):
            found.append(str(file.relative_to(folder)))
    return found


def whole(file: Path) -> bool:
    """Whether a file can be read to its end as what its name says."""
    try:
        match file.suffix:
            case ".json":
                json.loads(file.read_text())
            case ".yaml":
                yaml.safe_load(file.read_text())
            case ".xlsx":
                return zipfile.ZipFile(file).testzip() is None
            case ".html":
                return file.read_text().rstrip().endswith("</html>")
            case ".parquet":
                duckdb.read_parquet(str(file).replace("[", "[[]")).fetchall()
            case ".csv" | ".md" | ".atom":
                return file.read_bytes().endswith(b"\n")
    except (OSError, ValueError, zipfile.BadZipFile, yaml.YAMLError, duckdb.Error):
        return False
    return True


def sums(folder: Path, but: tuple[str, ...]) -> dict[str, str]:
    """The digests of all visible files except those that may be written."""
    files = (f for f in folder.rglob("*") if f.is_file())
    named = {str(f.relative_to(folder)): f for f in files}
    return {
        name: hashlib.sha256(file.read_bytes()).hexdigest()
        for name, file in named.items()
        if not name.startswith(but) and not any(p.startswith(".") for p in Path(name).parts)
    }


def wrong_after(folder: Path, words: str, before: dict[str, str], but: tuple[str, ...]) -> str:
    """What is wrong in a project after a kill; "" if nothing."""
    if bad := torn(folder):
        return f"torn: {bad}"
    if sums(folder, but) != before:
        return "something else was written"
    for look in ("runs list", "runs show latest:storm", "report tiny --check -q", "data check -q"):
        code, said = here(folder, look)
        if code or "damaged" in said:
            return f"{look} ended with {code}: {said[-300:]}"
    code, said = here(folder, words)
    known = "add-event" in words and code == 3 and "already" in said
    if code and not known:
        return f"the command itself ended with {code}: {said[-300:]}"
    if bad := torn(folder):
        return f"torn after the second time: {bad}"
    return ""


def here(folder: Path, words: str) -> tuple[int, str]:
    """See a command through in this process: its code, and what it said on standard error."""
    said = io.StringIO()
    with chdir(folder), redirect_stdout(io.StringIO()), redirect_stderr(said):
        code = run_and_flush(words.split())
    return code, said.getvalue()


def main() -> None:
    """Kill so often, in turn, and print what was wrong and the counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    os.environ["SUPPLYCHAIN_WORKERS"] = "1"
    dice, counts = random.Random(asked.seed), Counter[str]()
    with tempfile.TemporaryDirectory() as room:
        whole_project, folder = Path(room) / "whole", Path(room) / "project"
        prepare(whole_project)
        usual = {}
        for name, (words, _) in COMMANDS.items():
            shutil.copytree(whole_project, folder)
            began = time.monotonic()
            done(folder, words)
            usual[name] = time.monotonic() - began
            shutil.rmtree(folder)
        names = list(COMMANDS)
        tried = 0
        while counts["killed"] < asked.kills:
            name = names[tried % len(names)]
            tried += 1
            words, but = COMMANDS[name]
            shutil.copytree(whole_project, folder)
            before = sums(folder, but)
            process = call(folder, words)
            # Little is written before the libraries are read: most kills come after a half
            time.sleep(usual[name] * dice.triangular(0.1, 1.2, 0.9))
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            counts["killed"] += process.returncode == -signal.SIGKILL
            counts[f"killed {name}"] += process.returncode == -signal.SIGKILL
            wrong = wrong_after(folder, words, before, but)
            counts["wrong"] += bool(wrong)
            if wrong:
                print(f"{name}: {wrong}", flush=True)
            shutil.rmtree(folder)
    print(
        f"{tried} tried, {counts.pop('killed')} killed, {counts.pop('wrong')} wrong", dict(counts)
    )


if __name__ == "__main__":
    main()
