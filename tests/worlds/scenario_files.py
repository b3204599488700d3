"""The tiny world, and scenario files written on the spot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from supplychain.dataset import Tables, read_tables
from supplychain.errors import InvalidInput, Problem
from supplychain.network.build_network import build_network
from supplychain.network.entities import Network
from supplychain.scenario.load_scenario import load_scenario
from supplychain.scenario.scenario import Scenario

TINY = Path(__file__).resolve().parent / "tiny"

HEAD = "name: {name}\ntitle: A made-up world\nhorizon: {{start: 2026-09-28, weeks: 52}}\n"


@pytest.fixture(scope="session")
def tables() -> Tables:
    return read_tables(TINY)


@pytest.fixture(scope="session")
def network(tables: Tables) -> Network:
    return build_network(tables)


Write = Callable[..., Path]
Load = Callable[..., Scenario]
Faults = Callable[..., list[Problem]]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a scenario of a name; a usual head is put before the text unless it has a name."""
    monkeypatch.chdir(tmp_path)

    def call(text: str, name: str = "mine") -> Path:
        head = "" if text.startswith("name:") else HEAD.format(name=name)
        path = tmp_path / f"{name}.yaml"
        path.write_text(head + text, encoding="utf-8")
        return path

    return call


@pytest.fixture
def load(write: Write, tables: Tables, tmp_path: Path) -> Load:
    """Write a scenario and load it against the tiny world."""

    def call(text: str, settings: Sequence[str] = (), name: str = "mine") -> Scenario:
        write(text, name)
        return load_scenario(name, tables, [tmp_path], settings)

    return call


@pytest.fixture
def faults(load: Load) -> Faults:
    """Write a scenario that is wrong and return its problems."""

    def call(text: str, settings: Sequence[str] = (), name: str = "mine") -> list[Problem]:
        with pytest.raises(InvalidInput) as caught:
            load(text, settings, name)
        return list(caught.value.problems)

    return call
