"""`supplychain doctor`."""

from __future__ import annotations

from pathlib import Path

import pytest

from supplychain.cli import doctor_command
from supplychain.report.pages import pdf
from tests.cli.conftest import TINY, Command


def test_all_is_well_on_the_tiny_world(command: Command) -> None:
    said = command("doctor", "--data", str(TINY))
    assert said.code == 0, said.out
    assert "test programme 4, should be 4" in said.out
    assert "reports/out can be written" in said.out
    assert "sha256" in said.out
    found = command("doctor", "--data", str(TINY), "--json").json["data"]["findings"]
    assert {f["what"] for f in found} >= {"solver", "browser", "results folder", "data", "pandas"}


def test_a_missing_browser_is_no_failure(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf.shutil, "which", lambda _name: None)
    said = command("doctor", "--data", str(TINY))
    assert said.code == 0
    assert "apt install chromium chromium-driver" in said.out


def test_what_is_needed_and_missing_is_3_with_a_remedy(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SUPPLYCHAIN_OUT", "file/out")
    monkeypatch.setattr(doctor_command, "PACKAGES", ("a-package-that-is-not",))
    said = command("doctor", "--data", "nowhere")
    assert said.code == 3
    for words in ("pip install a-package-that-is-not", "choose another folder with --out"):
        assert words in said.err
    assert "supplychain data check" in said.err
