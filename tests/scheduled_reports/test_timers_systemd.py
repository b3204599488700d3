"""What `report --print-timer systemd` prints, looked at by systemd itself.

Where there is no systemd-analyze this file is not collected: see conftest.py.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from supplychain.scheduled_reports.timers import read_every, timer_files
from tests.scheduled_reports.test_timers import NEXT, odd, settings

__all__ = ["odd"]


@pytest.mark.parametrize("every", NEXT)
def test_systemd_fires_when_cron_does(every: str) -> None:
    words = ["systemd-analyze", "calendar", "--base-time=2026-11-22 12:00:00 UTC"]
    said = subprocess.run(
        [*words, read_every(every).calendar], capture_output=True, text=True, check=True
    ).stdout
    assert NEXT[every].strftime("%Y-%m-%d %H:%M:00 UTC") in said


def test_systemd_verifies_the_units(odd: Path, tmp_path: Path) -> None:
    """Both units are looked at by systemd itself, which says nothing about them."""
    names = ["weekly", "my reports/50 % $x.yaml"]
    files = timer_files("systemd", names, settings(odd, "monday 05:00", "--fail-on", "alert"))
    assert verified(files, tmp_path) == ""


def test_systemd_would_find_a_wrong_unit(tmp_path: Path) -> None:
    files = timer_files("systemd", ["weekly"], settings(tmp_path))
    (service,) = [name for name in files if name.endswith(".service")]
    files[service] = files[service].replace("Type=oneshot", "Type=onesot")
    assert "onesot" in verified(files, tmp_path)


def verified(files: dict[str, str], folder: Path) -> str:
    """What systemd says of the units."""
    for name, text in files.items():
        (folder / name).write_text(text)
    units = [str(folder / name) for name in files]
    ended = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units],
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in ended.stderr.splitlines() if str(folder) in line or "onesot" in line]
    return "\n".join(said) if said or not ended.returncode else ended.stderr
