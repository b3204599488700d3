"""Measures for the tiny world."""

from __future__ import annotations

from pathlib import Path

WHY = "why: a reason\n        source: assumption"


def measure(
    name: str, change: str, cost: str = "{value: 1e6, low: 5e5, high: 2e6, unit: USD"
) -> str:
    """One measure of one change; `change` is kind@where=value unit."""
    what, _, rest = change.partition("@")
    where, _, amount = rest.partition("=")
    value, _, unit = amount.partition(" ")
    return (
        f"  - name: {name}\n    title: The measure {name}\n    changes:\n"
        f"      - what: {what}\n        where: {{{where}}}\n        value: {value}\n"
        f"        unit: {unit}\n        {WHY}\n"
        f"    cost:\n      - {cost}, kind: assumed, source: assumption, note: a guess}}\n"
    )


def write_measures(folder: Path, *measures: str, name: str = "mine") -> Path:
    """Write a set of measures into a folder of scenarios."""
    path = folder / "measures" / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"name: {name}\ntitle: What could be done\nmeasures:\n{''.join(measures)}")
    return path
