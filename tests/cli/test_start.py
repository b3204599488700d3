"""The process: quick to start, light, and tidy at its end, whoever ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

HEAVY = ("pandas", "pyomo", "plotly", "highspy", "duckdb", "rich", "scipy", "numpy", "jinja2",
         "openpyxl", "xlsxwriter")  # fmt: skip
UNBUFFERED = pytest.mark.parametrize("unbuffered", ["", "1"])
COMMAND = [sys.executable, "-m", "supplychain"]


def process(*words: str, timeout: float = 60.0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], capture_output=True, text=True, timeout=timeout, check=False
    )


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["data", "list", "--help"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys\n"
        "from supplychain.cli.main import run_and_flush\n"
        f"code = run_and_flush({words!r})\n"
        f"print(code, [m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert ended.stderr == "0 []\n"
    assert "Usage: supplychain" in ended.stdout


def test_help_is_quick() -> None:
    """The aim is 0.15 s; the limit leaves room for a busy machine."""
    process("--help")
    spent = []
    for _ in range(3):
        started = time.perf_counter()
        process("--help")
        spent.append(time.perf_counter() - started)
    assert min(spent) < 0.5


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = f"import supplychain, sys; print([m for m in {HEAVY!r} if m in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


def test_version() -> None:
    from supplychain import __version__

    assert process("--version").stdout == f"supplychain {__version__}\n"


@UNBUFFERED
def test_a_reader_who_leaves_early_is_no_error(
    monkeypatch: pytest.MonkeyPatch, unbuffered: str
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as pipe:
        ended = subprocess.run(
            [*COMMAND, "--help"], stdout=pipe, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (ended.returncode, ended.stderr) == (0, "")


@UNBUFFERED
@pytest.mark.parametrize("word", ["--help", "--version"])
def test_output_to_a_full_disk_is_3_in_words(
    monkeypatch: pytest.MonkeyPatch, word: str, unbuffered: str
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [*COMMAND, word], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert ended.returncode == 3
    assert "the disk is full" in ended.stderr
    assert "Traceback" not in ended.stderr


WAITING = """
import time
from pathlib import Path
from supplychain.cli import doctor_command
from supplychain.cli.command import Answer
from supplychain.files import whole_folder

def wait(settings):
    with whole_folder(Path(TARGET)) as part:
        (part / "half").write_text("half")
        print("ready", flush=True)
        time.sleep(60)

doctor_command._browser = lambda: wait(None)
from supplychain.cli import main
main()
"""


@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGINT, 130, "Interrupted."), (signal.SIGTERM, 143, "Terminated.")],
)
def test_an_end_from_outside_leaves_nothing_half_written(
    tmp_path: Path, number: signal.Signals, code: int, word: str
) -> None:
    script = WAITING.replace("TARGET", repr(str(tmp_path / "out" / "truce")))
    with subprocess.Popen(
        [sys.executable, "-c", script, "doctor"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        running.send_signal(number)
        out, err = running.communicate(timeout=30)
    assert running.returncode == code
    assert err == f"{word} Nothing half written was left behind.\n"
    assert out == ""
    assert [p.name for p in (tmp_path / "out").iterdir()] == [".truce.lock"]
