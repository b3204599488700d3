"""A project with a report over the two scenarios of the tiny world."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.cli.projects import make_project

TINY_REPORT: dict[str, Any] = {
    "name": "tiny",
    "title": "The tiny week",
    "band": False,
    "scenarios": ["calm", "storm"],
    "base": "calm",
    "horizon": {"start": "2026-09-28", "weeks": 20},
    "sections": ["sectors"],
    "alerts": [
        {
            "name": "sooner",
            "sector": "munitions",
            "region": "USA",
            "measure": "first_week",
            "earlier_by_weeks": 2,
            "why": "tell the buyers",
        }
    ],
}


def make_reports(folder: Path) -> Path:
    """Write the project into a folder."""
    make_project(folder)
    write_report(folder, "tiny")
    return folder


def write_report(folder: Path, name: str, **other: Any) -> Path:
    """Write a definition like the tiny one; a key that is None is left out."""
    words = {**TINY_REPORT, "name": name, **other}
    file = folder / "reports" / f"{name}.yaml"
    file.parent.mkdir(exist_ok=True)
    kept = {key: value for key, value in words.items() if value is not None}
    file.write_text(yaml.safe_dump(kept, sort_keys=False))
    return file


def later_storm(folder: Path, day: str) -> None:
    """Move the storm to another day."""
    file = folder / "scenarios" / "storm.yaml"
    text = file.read_text()
    start = text.index("effective: ") + len("effective: ")
    file.write_text(text[:start] + day + text[start + len(day) :])
