"""`import supplychain as sc`: runs, comparisons and ensembles that show themselves."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import supplychain as sc
from supplychain.errors import NothingMatched
from supplychain.notebook.shown import GRIDS, NotebookRun, shown
from supplychain.report.figures.cover_figure import customer_cover
from supplychain.report.run_view import View
from supplychain.runs.run_schema import Run
from tests.cli.conftest import TINY
from tests.cli.projects import make_project
from tests.ensemble.definitions import DEMAND, HEAD


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def storm(project: Path) -> NotebookRun:
    return sc.run(project / "scenarios" / "storm.yaml", data=TINY, weeks=18)


def test_the_door_is_light_and_opens_whatever_was_imported_before() -> None:
    code = (
        "import sys, supplychain as sc\n"
        "heavy = {'pandas', 'pyomo', 'plotly', 'highspy', 'numpy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "import supplychain.ensemble.members\n"
        "assert callable(sc.run) and callable(sc.compare) and callable(sc.ensemble)\n"
        "assert {'run', 'read', 'compare', 'ensemble'} <= set(dir(sc))\n"
        "sc.rum\n"
    )
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert "module 'supplychain' has no attribute 'rum'" in ended.stderr, ended.stderr


def test_a_run_is_a_card(storm: NotebookRun) -> None:
    card = storm._repr_html_()
    assert "Licences get slow" in card
    assert str(storm.record["id"]) in card
    assert '<th scope="row">Munitions</th>' in card
    assert "loss-by-week" in card


def test_no_text_of_a_run_becomes_markup(storm: NotebookRun) -> None:
    evil = "<img src=x onerror=alert(1)>"
    scenario = {**storm.record["scenario"], "title": evil}
    card = shown(Run({**storm.record, "scenario": scenario, "id": evil}, storm.tables))
    assert "<img" not in card._repr_html_()
    assert card._repr_html_().count("&lt;img") >= 2


def test_each_table_is_an_attribute_with_dates_and_units(storm: NotebookRun) -> None:
    assert set(storm.tables) <= set(dir(storm))
    for name, table in storm.tables.items():
        assert len(getattr(storm, name)) == len(table)
    found = storm.shortfall
    assert found["week"].dtype.kind == "M"
    assert found["week"].min() == pd.Timestamp("2026-09-28")
    assert found.attrs["units"]["lost_value_usd"] == "USD"
    assert found.attrs["run"] == storm.record["id"]
    blank = storm.tables["indicators"]["first_week"] == ""
    assert blank.any()
    assert (storm.indicators["first_week"].isna() == blank).all()
    with pytest.raises(AttributeError, match='Nearest: "shortfall"'):
        _ = storm.shortfal
    for again in (copy.copy(storm), pickle.loads(pickle.dumps(storm))):
        assert again.shortfall.equals(found)


def test_a_figure_shows_what_is_picked(storm: NotebookRun) -> None:
    drawn = storm.figure("cover", sector="auto", region="EUR")
    (heat,) = drawn.data
    assert heat.y == ("Europe",)
    cover = customer_cover(View(storm)).query("sector == 'auto' and region == 'EUR'")
    wanted = (cover.sort_values("week")["part"] * 100).tolist()
    assert [float(z) for z in heat.z[0]] == pytest.approx(wanted, rel=1e-2, abs=1e-2)
    assert heat.colorscale[0] == (0, "#7a2c00")
    assert drawn.layout.title.text == "Stock on customers' shelves"
    by_name = storm.figure("loss-by-week", chart="Share of plan lost", region="United States")
    by_code = storm.figure("loss-by-week", chart=1, region="USA")
    assert by_name.to_json() == by_code.to_json()
    assert len(by_code.data) >= 1


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("cove", {}, 'Nearest: "cover"'),
        ("cover", {"regin": "EUR"}, 'Nearest: "region"'),
        ("cover", {"region": "Eurpe"}, 'Nearest: "Europe"'),
        ("loss-by-week", {"chart": "Share"}, "1 Share of plan lost"),
    ],
)
def test_what_is_not_there_is_named(
    storm: NotebookRun, name: str, words: dict[str, str], said: str
) -> None:
    with pytest.raises(NothingMatched, match=said):
        storm.figure(name, **words)  # type: ignore[arg-type]


def test_grids_hold_every_row_and_are_read_back_from_netcdf(
    storm: NotebookRun, tmp_path: Path
) -> None:
    import xarray

    storm.to_xarray().to_netcdf(tmp_path / "storm.nc", engine="h5netcdf")
    with xarray.open_datatree(tmp_path / "storm.nc", engine="h5netcdf") as tree:
        assert tree.attrs["run"] == storm.record["id"]
        lost = tree["shortfall"]["lost"]
        assert lost.dims == GRIDS["shortfall"]
        assert tree["shortfall"]["lost_value_usd"].attrs["units"] == "USD"
        for row in storm.shortfall.to_dict("records"):
            at = {axis: row[axis] for axis in GRIDS["shortfall"]}
            assert float(lost.sel(at)) == row["lost"]
        for name, axes in GRIDS.items():
            table = storm.tables[name]
            if len(table):
                assert not table.duplicated(list(axes)).any()
                numbers = table.select_dtypes("number").columns
                for column in numbers:
                    known = tree[name][column].notnull().sum()
                    assert int(known) == int(table[column].notna().sum())


def test_runs_are_compared_and_kept(storm: NotebookRun, project: Path, tmp_path: Path) -> None:
    calm = project / "scenarios" / "calm.yaml"
    asked = {"data": TINY, "weeks": 18, "out": tmp_path}
    both = sc.compare(str(calm), storm, **asked)
    assert "calm" in both._repr_html_()
    world = both.sectors[
        (both.sectors["region"] == "WORLD") & (both.sectors["scenario"] == "storm")
    ]
    assert world["lost_value_difference_usd"].sum() > 0
    assert len(both.figure("loss-by-week").data) >= 1
    assert sc.read("latest:calm", tmp_path).record["id"] == both.base.record["id"]
    before = (tmp_path / "calm" / "run.json").stat().st_mtime_ns
    sc.run(calm, **asked)
    assert (tmp_path / "calm" / "run.json").stat().st_mtime_ns == before
    with pytest.raises(TypeError, match="at least one other"):
        sc.compare(storm)


def test_an_ensemble_of_the_project_is_solved_once(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    (project / "odds.yaml").write_text(f"{HEAD}inputs:\n{DEMAND}")
    asked = {"members": 2, "pairs": 0, "weeks": 8, "data": TINY}
    found = sc.ensemble("odds.yaml", **asked)
    assert found.record["counts"]["solved"] == 2
    assert "A made-up ensemble" in found._repr_html_()
    before = {f: f.stat().st_mtime_ns for f in found.folder.rglob("*") if f.is_file()}
    again = sc.ensemble("odds.yaml", **asked)
    assert again.record == found.record
    assert before == {f: f.stat().st_mtime_ns for f in found.folder.rglob("*") if f.is_file()}
