"""A project of two scenarios on the tiny world."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import TINY

CALM = """\
name: calm
title: Nothing happens
horizon: {start: 2026-09-28, weeks: 20}
timeline:
  - announced: 2026-09-28
    effective: 2026-09-28
    set: {regime: open, exporter: CHN}
    why: a calm world
    source: assumption
"""
STORM = """\
name: storm
title: Licences get slow
extends: calm
timeline:
  - announced: 2026-10-26
    effective: 2026-11-02
    set: {regime: slow, exporter: CHN}
    why: a quarrel
    source: assumption
"""


def make_project(folder: Path) -> Path:
    """Write the project into a folder."""
    (folder / "supplychain.toml").write_text(f'data = "{TINY.as_posix()}"\n')
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "calm.yaml").write_text(CALM)
    (folder / "scenarios" / "storm.yaml").write_text(STORM)
    return folder
