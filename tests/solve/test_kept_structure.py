"""A structure read from disk is the one that would be compiled, found by what it rests on."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from random_worlds import GRIDS, random_network, random_window

from supplychain.model.window import Grid
from supplychain.network.entities import Network
from supplychain.runs import kept_arrays
from supplychain.solve import kept_structure
from supplychain.solve.compile_structure import compile_standard_form
from supplychain.solve.kept_structure import as_arrays, structure_key, structure_of
from supplychain.solve.standard_form import same_structure
from tests.cli.projects import make_project

NETWORK = random_network(3)
WINDOW = random_window(NETWORK, GRIDS[1], 1)
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(kept_arrays.PLACE, str(tmp_path / "cache"))
    return tmp_path / "cache" / "structures"


@pytest.mark.parametrize("seed", range(6))
def test_read_back_it_has_the_same_bytes_as_compiled(cache: Path, seed: int) -> None:
    network, grid = random_network(seed), GRIDS[seed % len(GRIDS)]
    window = random_window(network, grid, seed)
    compiled = compile_standard_form(network, grid, window)
    for kept in (False, True, True):
        form = structure_of(network, grid, window, kept=kept)
        assert (form.network, form.grid) == (network, grid)
        one, other = as_arrays(compiled), as_arrays(form)
        assert list(one) == list(other)
        for name, array in one.items():
            assert (array.dtype, array.shape) == (other[name].dtype, other[name].shape), name
            assert array.tobytes() == other[name].tobytes(), name
    assert len(list(cache.glob("*.npz"))) == 1


def test_what_is_kept_is_not_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    structure_of(NETWORK, GRIDS[1], WINDOW, kept=True)
    monkeypatch.setattr(
        "supplychain.solve.compile_structure.compile_standard_form", lambda *_: pytest.fail("again")
    )
    structure_of(NETWORK, GRIDS[1], WINDOW, kept=True)
    with pytest.raises(pytest.fail.Exception):
        structure_of(NETWORK, GRIDS[0], random_window(NETWORK, GRIDS[0], 1), kept=True)


def test_a_damaged_structure_is_compiled_anew(cache: Path) -> None:
    whole = structure_of(NETWORK, GRIDS[1], WINDOW, kept=True)
    (file,) = cache.glob("*.npz")
    for damage in (b"", b"nothing of the kind", file.read_bytes()[:-200]):
        file.write_bytes(damage)
        again = structure_of(NETWORK, GRIDS[1], WINDOW, kept=True)
        assert (again.matrix != whole.matrix).nnz == 0
        assert kept_arrays.find("structures", file.stem) is not None


def key(network: Network, grid: Grid = GRIDS[1], idle: frozenset[str] = frozenset()) -> str:
    return structure_key(network, grid, idle)


def test_the_key_goes_by_all_that_is_compiled_and_nothing_else() -> None:
    """What one solver may share with another network has one key; what it may not, has another."""
    mine = key(NETWORK)
    assert key(replace(NETWORK, data_hash="other")) == mine
    assert key(NETWORK, GRIDS[0]) != mine
    assert key(NETWORK, idle=frozenset({"arc_limit"})) != mine
    seen = 0
    for field in fields(NETWORK):
        part = getattr(NETWORK, field.name)
        if not isinstance(part, tuple) or not part or not hasattr(part[0], "__dataclass_fields__"):
            continue
        for name, value in vars(part[0]).items():
            if isinstance(value, float) and np.isfinite(value):
                moved = (replace(part[0], **{name: value + 0.125}), *part[1:])
                other = replace(NETWORK, **{field.name: moved})
                assert (key(other) == mine) == same_structure(NETWORK, other), (field.name, name)
                seen += 1
    assert seen > 20


def test_the_structures_used_last_stay(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_structure, "MOST", 2)
    for grid in GRIDS[:2]:
        structure_of(NETWORK, grid, random_window(NETWORK, grid, 1), kept=True)
    first, second = sorted(cache.glob("*.npz"), key=lambda file: file.stat().st_mtime_ns)
    structure_of(NETWORK, GRIDS[0], random_window(NETWORK, GRIDS[0], 1), kept=True)
    network = random_network(4)
    structure_of(network, GRIDS[0], random_window(network, GRIDS[0], 1), kept=True)
    assert first.exists()
    assert not second.exists()


def test_pyomo_is_imported_where_a_structure_has_to_be_compiled_alone(tmp_path: Path) -> None:
    scenario = str(make_project(tmp_path) / "scenarios" / "calm.yaml")
    code = (
        "import sys; from pathlib import Path\n"
        "from supplychain.study.solve_scenario import open_world, run_scenario\n"
        "from supplychain.study.run_request import RunRequest\n"
        f"world = open_world(Path({str(ROOT / 'tests/worlds/tiny')!r}))\n"
        f"run_scenario(RunRequest({scenario!r}, weeks=4), world=world)\n"
        "print('pyomo' in sys.modules)\n"
    )
    said = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert [one.stdout.split()[-1] for one in said] == ["True", "False"]
