"""`compare --vary` and scenarios named with changes, on the tiny world."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from supplychain.runs import read_run
from tests.cli.conftest import Command
from tests.cli.projects import make_project

OUT = Path("reports/out")
SHORT = ("--weeks", "12", "-q")


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def files_of(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}


def test_a_changed_scenario_has_its_own_folder_and_says_what_it_is(
    command: Command, project: Path
) -> None:
    assert command("run", "storm", "--no-band", *SHORT).code == 0
    before = files_of(project / OUT / "storm")
    said = command("run", "storm+approval_share=10%", "--no-band", "--json", *SHORT)
    assert said.code == 0, said.err
    (run,) = said.json["data"]["runs"]
    assert run["scenario"] == "storm+approval_share=0.1share"
    assert run["folder"].endswith("/storm+approval_share-0.1share")
    assert files_of(project / OUT / "storm") == before
    found = read_run(Path(run["folder"]))
    assert found.record["scenario"]["extends"][0] == "storm"
    assert found.record["scenario"]["title"] == "Licences get slow; approval share 10 %"
    (change,) = found.record["scenario"]["changes"]
    assert change["where"] == {"parameter": "approval_share"}
    again = command("compare", f"latest:{run['scenario']}", "latest:storm", "-q")
    assert again.code == 0, again.err
    assert command("runs", "reproduce", f"latest:{run['scenario']}", "-q").code == 0


def test_a_point_of_the_grid_is_the_run_with_the_same_set(command: Command, project: Path) -> None:
    """The same bytes in every table, but for the name of the scenario."""
    where = "opening_cover@sector:munitions"
    said = command("compare", "storm", "--vary", f"{where}=0.5,1,2ratio", "--json", *SHORT)
    assert said.code == 0, said.err
    data = said.json["data"]
    assert data["axes"] == [{"key": where, "unit": "ratio", "values": [0.5, 1.0, 2.0]}]
    assert len(data["runs"]) == 3
    usd = [
        sum(
            r["lost_value_usd"]
            for r in data["grid"]
            if (r["scenario"], r["region"]) == (n, "WORLD")
        )
        for n in (run["scenario"] for run in data["runs"])
    ]
    assert usd[0] > usd[2]
    table = pd.read_csv(project / next(f for f in said.json["artifacts"] if f.endswith(".csv")))
    assert table[f"{where} [ratio]"].dropna().unique().tolist() == [0.5, 1.0, 2.0]
    point = read_run(Path(data["runs"][0]["folder"]))
    assert command("run", "storm", "--no-band", "--set", f"{where}=0.5", *SHORT).code == 0
    alone = read_run(OUT / "storm")
    assert set(point.tables) == set(alone.tables)
    for name, frame in point.tables.items():
        named = {"scenario": "storm"} if "scenario" in frame else {}
        left, right = (f.to_csv(index=False) for f in (frame.assign(**named), alone.tables[name]))
        assert left == right, name


def test_two_keys_make_a_heat_map_and_one_at_a_time_lines(command: Command, project: Path) -> None:
    keys = ("--vary", "throughput=0,1", "--vary", "opening_cover@sector:munitions=0.25")
    said = command("compare", "storm", *keys, *SHORT)
    assert said.code == 0, said.err
    assert "throughput 0 times and opening cover of munitions 0.25 times" in said.out
    assert "what binds" in said.out
    (page,) = (project / OUT).glob("vary-*.html")
    assert 'id="over-both"' in page.read_text()
    said = command("compare", "storm", *keys, "--one-at-a-time", "--json", *SHORT)
    assert [run["scenario"].count("+") for run in said.json["data"]["runs"]] == [1, 1, 1]
    text = page.read_text()
    assert 'id="along-1"' in text
    assert 'id="along-2"' in text


def test_every_fault_of_a_grid_is_said_at_once_and_nothing_is_solved(
    command: Command, project: Path
) -> None:
    words = ("reviw=1,2", "throughput=1,1,x", "gap=2,2week", "validity=4,8", "validity=9")
    keys = [part for word in words for part in ("--vary", word)]
    said = command("compare", "storm", *keys, "--set", "gap=1", "--json", "-q")
    assert said.code == 3
    codes = [error["code"] for error in said.json["errors"]]
    assert sorted(codes) == ["SCEN-601", "SCEN-602", "SCEN-603", "SCEN-603", "SCEN-603"]
    assert 'Nearest: "review"' in said.json["errors"][0]["hint"]
    assert not (project / OUT).exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["storm"], 2, "OTHER"),
        (["storm", "calm", "--vary", "gap=1,2"], 2, "leave out the OTHERs"),
        (["storm", "--why", "--vary", "gap=1,2"], 2, "cannot go with --vary"),
        (["storm", "calm", "--one-at-a-time"], 2, "add it"),
        (["storm", "--vary", "gap=1,2,3", "--at-most", "2"], 3, "--at-most 3"),
        (["storm", "--vary", "gap=1,2", "--vary", "review=1", "--vary", "surge=1"], 3, "3 keys"),
        (["storm", "--vary", "gap=1,2t"], 3, "does not fit"),
        (["storm", "--vary", "approval_share=0.5,7"], 3, "between 0 and 1"),
        (["storm", "--vary", "horizon.weeks=4,8"], 3, "4 weeks"),
        (["nowhere", "--vary", "gap=1,2"], 7, "nowhere"),
    ],
)
def test_a_grid_that_cannot_be_is_refused(
    command: Command, project: Path, words: list[str], code: int, said: str
) -> None:
    found = command("compare", *words, "-q")
    assert found.code == code, found.err
    assert said in found.err
    assert not (project / OUT).exists()


def test_regimes_are_set_beside_each_other(command: Command) -> None:
    said = command("scenario", "regimes", "--json")
    assert said.code == 0, said.err
    found = {one["regime"]: one for one in said.json["data"]["regimes"]}
    assert found["embargo"]["civil"]["denied"]
    assert not found["slow"]["civil"]["denied"]
    assert found["open"]["civil"]["free"]
    assert found["slow"]["civil"]["review_weeks"]["low"] > 0
    text = command("scenario", "regimes").out
    for word in ("review", "approved", "throughput", "military", "look-alikes", *found):
        assert word in text
    assert command("scenario", "regimes", "--control", "nothing").code == 7


def test_a_new_scenario_leads_on(command: Command) -> None:
    said = command("scenario", "new", "mine", "--extends", "storm")
    for word in ("embargo", "slow", "supplychain scenario regimes", "compare storm mine"):
        assert word in said.out
