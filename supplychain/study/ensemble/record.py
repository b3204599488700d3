"""The record of an ensemble: what was asked, of which data and versions, and the headline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pandas import DataFrame

from supplychain.results.identity import versions
from supplychain.study.ensemble.frames import SOLVED
from supplychain.study.ensemble.futures import Setup
from supplychain.study.ensemble.headline import headline, plain
from supplychain.study.ensemble.store import MemberFolder, key_of

SCHEMA = "supplychain/ensemble/1"
FILE, TABLES = "ensemble.json", "tables"

NOTES = (
    "A change of regime is known only when it takes effect: nobody sees it coming.",
    "Planners answer a drawn regime as in any scenario: they take it to go on.",
    "Inputs are independent of each other except within a group, and of the path.",
)
"""Simplifications that a reader must know; the page shows them."""


def make_record(
    setup: Setup, frames: Mapping[str, DataFrame], folder: MemberFolder
) -> dict[str, Any]:
    """What ensemble.json holds; everything but `seconds` is the same for the same seed."""
    definition = setup.definition
    known = folder.done()
    mine = [known[int(index)] for index in frames["members"]["member"]]
    solved = int((frames["members"]["status"] == SOLVED).sum())
    return {
        "schema": SCHEMA,
        "key": key_of(setup),
        "name": definition.name,
        "title": definition.title,
        "definition": definition.as_json(),
        "scenario": setup.base.as_json(),
        "allocation": setup.allocation,
        "seed": definition.seed,
        "sampler": definition.sampler,
        "data": {
            "hash": setup.tables.hash,
            "overlays": [overlay.rsplit("/", 1)[-1] for overlay in setup.tables.overlays],
        },
        "versions": versions(),
        "counts": {
            "members": len(mine),
            "solved": solved,
            "failed": len(mine) - solved,
            "pairs": int(frames["members"]["arm_pairs"].sum()),
        },
        "hazards": [
            {str(key): plain(value) for key, value in row.items()}
            for row in frames["hazards"].to_dict("records")
        ],
        "headline": headline(frames),
        "notes": [*definition.notes, *NOTES],
        "seconds": {
            "members": sum(one.facts["seconds"] for one in mine),
            "members_on_processor": sum(one.facts["processor_seconds"] for one in mine),
        },
        "peak_memory_mb": max(one.facts["memory_mb"] for one in mine),
    }
