"""`run --write-model` and `--solver-log`: files that HiGHS reads back to the same optimum."""

from __future__ import annotations

from pathlib import Path

import highspy
import pytest

from supplychain.solve import highs
from supplychain.solve.highs import Programme
from supplychain.solve.solution import Answer
from tests.cli.conftest import Command
from tests.cli.projects import make_project

STORM = ("run", "storm", "--no-band", "--weeks", "12", "-q")


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def solved(file: Path) -> highspy.Highs:
    solver = highs.new_highs()
    assert solver.readModel(str(file)) == highspy.HighsStatus.kOk
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return solver


def test_a_window_is_read_back_to_the_same_optimum(
    command: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Answer] = []
    own = Programme.solve

    def noted(programme: Programme, *rest: object) -> Answer:
        found.append(own(programme, *rest))  # type: ignore[arg-type]
        return found[-1]

    monkeypatch.setattr(Programme, "solve", noted)
    for ending in ("mps", "lp"):
        said = command(
            *STORM, "--force", "--write-model", f"two.{ending}", "--window", "2",
            "--solver-log", "log.txt", "--json",
        )  # fmt: skip
        assert said.code == 0, said.err
        assert said.json["artifacts"][-2:] == [f"two.{ending}", "log.txt"]
    windows = len(found) // 2
    assert windows > 2
    for ending in ("mps", "lp"):
        solver = solved(project / f"two.{ending}")
        wanted = found[1].objective
        assert solver.getObjectiveValue() == pytest.approx(wanted, rel=1e-7)
        assert found[0].objective != pytest.approx(wanted, rel=1e-4)
        names = set(solver.getLp().col_names_)
        assert {
            "delivery.ndfeb_heavy.CHN.auto_bev_eur.usual.p03",
            "lost.guided_weapon_usa.s00.p00",
        } <= names
        assert "region_balance.CHN.ndfeb_heavy.p00" in set(solver.getLp().row_names_)
    log = (project / "log.txt").read_text()
    assert log.count("Objective value") >= windows


def test_what_stands_in_the_way_is_said_before_anything_is_solved(
    command: Command, project: Path
) -> None:
    (project / "old.lp").write_text("mine")
    for words, code, text in (
        (["--write-model", "old.lp"], 3, "is there already"),
        (["--solver-log", "old.lp"], 3, "is there already"),
        (["--write-model", "x.txt"], 3, "neither an .mps nor an .lp"),
        (["--write-model", "x.lp", "--window", "99"], 3, "there is no window 99"),
        (["--window", "2"], 2, "--write-model"),
        (["calm", "--write-model", "x.lp"], 2, "want one scenario"),
    ):
        said = command(*STORM, *words)
        assert said.code == code, (words, said.err)
        assert text in said.err
    assert (project / "old.lp").read_text() == "mine"
    assert not (project / "reports" / "out" / "storm").exists()


def test_a_run_that_is_up_to_date_is_solved_for_its_model(command: Command, project: Path) -> None:
    assert command(*STORM).code == 0
    said = command(*STORM, "--write-model", "first.lp", "--json")
    assert said.json["data"]["runs"][0]["solved"] is True
    assert solved(project / "first.lp").getNumCol() > 100
