"""A solved scenario as everybody after the solver sees it: a record and tidy tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pandas import DataFrame


@dataclass(frozen=True)
class Run:
    """One solved scenario. `record` is what run.json holds, `tables` the tables by name.

    `folder` is where it lies on disk, None if it was not written.
    """

    record: Mapping[str, Any]
    tables: Mapping[str, DataFrame] = field(repr=False)
    folder: Path | None = None

    @property
    def scenario(self) -> str:
        """The scenario's name."""
        return str(self.record["scenario"]["name"])

    @property
    def headline(self) -> Mapping[str, Any]:
        """The headline of the record: per sector what is lost, where and from when."""
        found: Mapping[str, Any] = self.record["headline"]
        return found
