"""Command line, then environment, then supplychain.toml, then built in."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from supplychain.cli.options import Allocation, Common, Foresight, Solving
from supplychain.cli.settings import Settings, cores, resolve
from supplychain.errors import InvalidInput, describe


def project(where: Path, text: str) -> Path:
    (where / "supplychain.toml").write_text(text)
    return where


def test_built_in_values(tmp_path: Path) -> None:
    assert resolve(Common(), {}, tmp_path) == Settings(
        project=tmp_path,
        data=None,
        overlays=(),
        out=Path("reports/out"),
        foresight=None,
        allocation="contracts",
        demand=None,
        start=None,
        weeks=None,
        workers=1,
        threads=1,
        beside=cores() > 1,
    )


def test_the_nearer_wins(tmp_path: Path) -> None:
    here = project(tmp_path, 'weeks = 10\nout = "a"\nforesight = "perfect"\nthreads = 3\n')
    environ = {"SUPPLYCHAIN_WEEKS": "20", "SUPPLYCHAIN_OUT": "b", "SUPPLYCHAIN_WORKERS": ""}
    found = resolve(Solving(weeks=30, foresight=Foresight.rolling), environ, here)
    assert found.weeks == 30
    assert found.out == Path("b")
    assert found.foresight == "rolling"
    assert found.threads == 3
    assert found.workers == 1


def test_every_setting_from_the_file_is_relative_to_it(tmp_path: Path) -> None:
    project(
        tmp_path,
        'data = "numbers"\noverlay = ["x", "/y"]\nout = "pages"\nallocation = "priority"\n'
        "start = 2026-09-28\nworkers = 2\n",
    )
    below = tmp_path / "deep" / "er"
    below.mkdir(parents=True)
    found = resolve(Common(), {}, below)
    assert found.project == tmp_path
    assert found.data == tmp_path / "numbers"
    assert found.overlays == (tmp_path / "x", Path("/y"))
    assert found.out == tmp_path / "pages"
    assert found.allocation == "priority"
    assert found.start == date(2026, 9, 28)
    assert found.workers == 2


def test_environment_and_options(tmp_path: Path) -> None:
    environ = {
        "SUPPLYCHAIN_DATA": "numbers",
        "SUPPLYCHAIN_OVERLAY": os.pathsep.join(["x", "y"]),
        "SUPPLYCHAIN_START": "2026-10-05",
    }
    found = resolve(Solving(allocation=Allocation.proportional), environ, tmp_path)
    assert found.data == Path("numbers")
    assert found.overlays == (Path("x"), Path("y"))
    assert found.start == date(2026, 10, 5)
    assert found.allocation == "proportional"


def test_all_that_cannot_be_is_told_with_its_place(tmp_path: Path) -> None:
    here = project(
        tmp_path,
        '# ours\nwekks = 3\n\nthreads = true\nforesight = "prefect"\noverlay = 3\ndata = ""\n',
    )
    environ = {"SUPPLYCHAIN_WEEKS": "many", "SUPPLYCHAIN_START": "28.9.2026"}
    with pytest.raises(InvalidInput) as caught:
        resolve(Solving(start="soon"), environ, here)
    text = describe(caught.value.problems, "")
    assert 'row 2: there is no setting "wekks". Nearest: "weeks".' in text
    assert 'row 4: threads is "True", but a whole number from 1 to 512 is wanted.' in text
    assert 'row 5: foresight is "prefect", but one of rolling, perfect is wanted.' in text
    assert 'row 6: overlay is "3", but a list of paths is wanted.' in text
    assert 'row 7: data is "", but a path is wanted.' in text
    assert (
        'SUPPLYCHAIN_WEEKS is "many", but a whole number from 1 to 999,999,999 is wanted.' in text
    )
    assert 'SUPPLYCHAIN_START is "28.9.2026", but a date such as 2026-09-28 is wanted.' in text
    assert '--start is "soon", but a date such as 2026-09-28 is wanted.' in text


def test_a_file_that_is_not_toml_names_the_line(tmp_path: Path) -> None:
    here = project(tmp_path, "weeks = 3\nout = = 4\n")
    with pytest.raises(InvalidInput) as caught:
        resolve(Common(), {}, here)
    found = caught.value.problems[0]
    assert (found.file, found.line, found.column) == ("supplychain.toml", 2, 7)


@pytest.mark.parametrize("key", ["threads", "workers"])
def test_more_at_once_than_any_machine_has_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        resolve(Solving(), {}, project(tmp_path, f"{key} = 1000000\n"))
    assert f'{key} is "1000000", but a whole number from 1 to 512 is wanted' in describe(
        caught.value.problems, ""
    )
