"""What report.json holds: what was asked for, what came of it, what changed, the alerts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from supplychain.periodic.alerts import alerts_of
from supplychain.periodic.archive import Past
from supplychain.periodic.brief import capital, sentence
from supplychain.periodic.changed import input_changes, result_changes
from supplychain.periodic.plan import Plan
from supplychain.results.identity import versions
from supplychain.results.kept_data import kept_rows

if TYPE_CHECKING:
    from supplychain.periodic.solving import Had

SCHEMA = "supplychain/report/1"


def report_record(
    plan: Plan, had: Sequence[Had], before: Past | None, out: Path, number: int
) -> dict[str, Any]:
    """Everything that a report says, as plain values; files and times come later."""
    runs = [json.loads((h.folder / "run.json").read_text(encoding="utf-8")) for h in had]
    names = [one.scenario.name for one in plan.wanted]
    record: dict[str, Any] = {
        "schema": SCHEMA,
        "definition": plan.definition.name,
        "title": plan.definition.part.title,
        "date": plan.day.isoformat(),
        "number": number,
        "key": plan.key,
        "base": plan.base,
        "focus": plan.focus,
        "settings": plan.definition.content(),
        "data": {
            "hash": plan.tables.hash,
            "folder": plan.tables.folder,
            "overlays": list(plan.tables.overlays),
        },
        "versions": {k: v for k, v in versions().items() if k != "python"},
        "runs": [
            {"scenario": name, "id": h.id, "folder": f"store/{h.id}", "solved": h.solved}
            for name, h in zip(names, had, strict=True)
        ],
        "scenarios": {name: run["scenario"] for name, run in zip(names, runs, strict=True)},
        "headline": {name: _losses(run) for name, run in zip(names, runs, strict=True)},
    }
    record["changed"] = _changed(plan, record, before, out)
    words = {one.word: one.scenario.name for one in plan.wanted}
    found = alerts_of(plan.definition.part.alerts, words, before.record if before else None, record)
    record["alerts"] = [alert.as_json() for alert in found]
    record["sentence"] = capital(sentence(record))
    return record


def _losses(run: dict[str, Any]) -> dict[str, Any]:
    """The headline of a run: per sector what is lost, where and from when.

    The first week of a sector is that of the region that stops first, as the page has it; the
    run's own is the first in which all regions together lose over 2 %.
    """
    found = {}
    for sector, words in run["headline"]["sectors"].items():
        weeks = [place["first_week"] for place in words["by_region"].values()]
        first = min(filter(None, weeks), default=None)
        kept = {name: words[name] for name in ("lost_value_usd", "lost_share", "by_region")}
        found[sector] = {**kept, "first_week": first}
    return found


def _changed(plan: Plan, record: dict[str, Any], before: Past | None, out: Path) -> dict[str, Any]:
    """What changed since the last report."""
    if before is None:
        return {"since": None, "inputs": [], "results": []}
    old = kept_rows(out, before.record["data"]["hash"])
    new = kept_rows(out, plan.tables.hash)
    inputs = input_changes(before.record, record, old, new)
    results = result_changes(before.record, record, plan.definition.part.changed)
    since = {
        "date": before.record["date"],
        "folder": before.folder.name,
        "number": before.number,
        "key": before.key,
    }
    return {
        "since": since,
        "inputs": [change.as_json() for change in inputs],
        "results": [change.as_json() for change in results],
    }
