"""The id of a run is known before it is solved, and kept with what was asked for."""

from __future__ import annotations

from pathlib import Path

from supplychain.dataset import read_tables
from supplychain.study.run_request import RunRequest, id_of, resolve
from supplychain.study.solve_scenario import run_scenario
from tests.cli.conftest import TINY
from tests.cli.projects import make_project


def test_the_id_of_a_run_is_known_before_it_is_solved(tmp_path: Path) -> None:
    folders = (make_project(tmp_path) / "scenarios",)
    for foresight, allocation in ((None, "value"), ("perfect", "proportional")):
        request = RunRequest(
            "storm", TINY, folders=folders, weeks=4, foresight=foresight, allocation=allocation
        )
        tables = read_tables(TINY)
        foretold = id_of(request, resolve(request, tables), tables)
        run = run_scenario(request)
        assert run.record["id"] == foretold
        inputs = run.record["inputs"]
        assert inputs["scenario"] == "storm"
        assert inputs["data"] == TINY.as_posix()
        assert inputs["weeks"] == 4
        assert (inputs["foresight"], inputs["allocation"]) == (foresight, allocation)
