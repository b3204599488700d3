"""What an environment lacks is said before anything is solved, and libraries say nothing for us."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from supplychain.files import probe
from supplychain.progress import libraries_aside
from tests.cli.conftest import Command
from tests.cli.projects import make_project

CHATTY = """
import ctypes, os
import highspy

run = highspy.Highs.run

def chatty(solver):
    ctypes.CDLL(None).puts(b"Copyright (c) of a library")
    os.system("echo from a process that it starts")
    print("from its Python")
    return run(solver)

highspy.Highs.run = chatty
from supplychain.cli import main
main()
"""
NO_RESOURCE = """
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *a: None if name == "resource" else find(name, *a)
sys.modules["resource"] = None
from supplychain.cli import main
main()
"""


def test_what_libraries_print_is_no_part_of_the_answer(tmp_path: Path) -> None:
    make_project(tmp_path)
    words = ["run", "storm", "--weeks", "4", "--no-band", "--json"]
    ended = subprocess.run(
        [sys.executable, "-c", CHATTY, *words], cwd=tmp_path, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert json.loads(ended.stdout)["ok"] is True
    for said in ("Copyright (c)", "from a process", "from its Python"):
        assert said in ended.stderr


def test_standard_output_is_given_back(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="no"), libraries_aside(), libraries_aside():
        os.write(1, b"theirs")
        raise ValueError("no")
    os.write(1, b"ours")
    assert capfd.readouterr() == ("ours", "theirs")


def test_a_file_system_without_locks_is_found_before_solving(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_project(tmp_path)

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", refuse)
    said = command("run", "storm", "-o", "out")
    assert said.code == 3
    assert "SETUP-117  this file system knows no locks" in said.err
    assert not (tmp_path / "out").exists()


def test_trying_leaves_nothing_behind(tmp_path: Path) -> None:
    probe(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []


def test_a_system_without_resource_is_refused_at_once() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", NO_RESOURCE, "--version"], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (3, "")
    assert "Windows Subsystem for Linux" in ended.stderr
