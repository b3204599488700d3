"""Ensembles of the tiny world, ready to be solved, and an engine that does it here and now."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from supplychain.dataset import Tables
from supplychain.ensemble.executor import Task, digest_of, do_with
from supplychain.ensemble.load_ensemble import read_definition
from supplychain.ensemble.members import base_scenario
from supplychain.ensemble.solve_member import Setup
from tests.ensemble.definitions import HEAD, INPUTS, PATHS, tiny_tables, write

TEXT = f"{HEAD}pairs: 2\n{PATHS}{INPUTS}"


def make_setup(folder: Path, text: str = TEXT, tables: Tables | None = None) -> Setup:
    """An ensemble of the tiny world; its definition is written into the folder."""
    tables = tables or tiny_tables()
    scenarios = write(folder, text)
    definition = read_definition("odds", tables, (scenarios,))
    return Setup(definition, tables, base_scenario(definition, tables, (scenarios,)))


@dataclass
class Here:
    """An engine without processes: a task is done when it is handed over, or dies."""

    payload: bytes
    workers: int = 1
    together: bool = False
    deaths: tuple[type[BaseException], ...] = (ConnectionError,)
    fatal: Callable[[Task], bool] = lambda _: False
    said: list[str] = field(default_factory=list)

    def submit(self, task: Task) -> Future[Any]:
        future: Future[Any] = Future()
        if self.fatal(task):
            future.set_exception(ConnectionError("gone"))
        else:
            future.set_result(do_with(self.payload, digest_of(self.payload), task))
        return future

    def again(self) -> None:
        self.said.append("again")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.said.append("end")


def silent(done: int, total: int, words: str) -> None:
    """Progress that nobody sees."""
