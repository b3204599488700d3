"""Members are solved the same wherever, whenever and in whatever order; what fails is kept too."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas import DataFrame

from supplychain.case.case import build_case
from supplychain.ensemble.ensemble_definition import RowTarget
from supplychain.ensemble.ensemble_record import write_drawn
from supplychain.ensemble.executor import Local, MemberTask, Task
from supplychain.ensemble.members import draw
from supplychain.ensemble.solve_ensemble import MemberFolder, Shard, key_of, solve_members, to_do
from supplychain.ensemble.solve_member import HELD, PATH, Futures, Setup, all_turns
from supplychain.errors import Busy, InvalidInput
from supplychain.network.build_network import build_network
from supplychain.runs.run_store import read_tables_in
from supplychain.solve.rolling_horizon import Solver
from supplychain.solve.warm_start import WarmStarts, unpack
from tests.ensemble.definitions import PATHS
from tests.ensemble.setups import TEXT, Here, make_setup, silent

WHOLE = Shard()


def solved(
    setup: Setup, folder: MemberFolder, shard: Shard = WHOLE, order: int = 1, **engine: Any
) -> DataFrame | None:
    """Solve a shard; the losses of all members if they are all done by then."""
    members = draw(setup.definition, setup.tables)
    tasks = to_do(members, setup.definition.pairs, folder, shard)
    solve_members(setup, tasks[::order], folder, partial(Here, **engine), silent)
    if to_do(members, setup.definition.pairs, folder, WHOLE):
        return None
    target = folder.folder.parent / "tables"
    write_drawn(setup, members, folder, target)
    return read_tables_in(target)["losses"]


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Setup:
    return make_setup(tmp_path_factory.mktemp("odds"))


@pytest.fixture(scope="module")
def reference(setup: Setup, tmp_path_factory: pytest.TempPathFactory) -> DataFrame:
    """The losses of all members, solved in one go."""
    found = solved(setup, MemberFolder(tmp_path_factory.mktemp("one") / "members"))
    assert found is not None
    return found


def test_every_member_has_rows_for_every_week_and_the_pairs_twice(reference: DataFrame) -> None:
    counts = reference.groupby(["arm", "member"]).size()
    places = reference[["sector", "region"]].drop_duplicates()
    assert set(counts) == {len(places) * 20}
    assert list(counts[PATH].index) == list(range(8))
    assert list(counts[HELD].index) == [0, 1]


def test_losses_are_between_nothing_and_the_plan(reference: DataFrame) -> None:
    assert (reference["lost_value_usd"] >= 0).all()
    assert (reference["lost_value_usd"] <= reference["planned_value_usd"] * (1 + 1e-9)).all()
    share = reference["lost_value_usd"] / reference["planned_value_usd"]
    assert np.allclose(reference["lost_share"], share)
    assert reference["lost_value_usd"].sum() > 0


def test_backwards_gives_the_same_tables(
    setup: Setup, reference: DataFrame, tmp_path: Path
) -> None:
    found = solved(setup, MemberFolder(tmp_path / "members"), order=-1)
    assert found is not None
    pd.testing.assert_frame_equal(found, reference, check_exact=True)


def test_shards_give_the_same_tables(setup: Setup, reference: DataFrame, tmp_path: Path) -> None:
    folder = MemberFolder(tmp_path / "members")
    assert solved(setup, folder, Shard(2, 3)) is None
    assert solved(setup, folder, Shard(3, 3)) is None
    found = solved(setup, folder, Shard(1, 3))
    assert found is not None
    pd.testing.assert_frame_equal(found, reference, check_exact=True)


def test_a_restart_gives_the_same_tables(
    setup: Setup, reference: DataFrame, tmp_path: Path
) -> None:
    """Three members are kept, the next one stops the program."""
    folder = MemberFolder(tmp_path / "members")

    def stop(done: int, _total: int, words: str) -> None:
        if words == "members" and done == 3:
            raise KeyboardInterrupt

    members = draw(setup.definition, setup.tables)
    tasks = to_do(members, 2, folder, WHOLE)
    with pytest.raises(KeyboardInterrupt):
        solve_members(setup, tasks, folder, Here, stop)
    assert len(folder.done()) == 3
    found = solved(setup, folder)
    assert found is not None
    pd.testing.assert_frame_equal(found, reference, check_exact=True)


def test_processes_give_the_same_tables(setup: Setup, reference: DataFrame, tmp_path: Path) -> None:
    folder = MemberFolder(tmp_path / "members")
    members = draw(setup.definition, setup.tables)
    tasks = to_do(members, 2, folder, WHOLE)
    engine = partial(_local, 2)
    assert solve_members(setup, tasks, folder, engine, silent) == 0
    write_drawn(setup, members, folder, tmp_path / "tables")
    found = read_tables_in(tmp_path / "tables")["losses"]
    pd.testing.assert_frame_equal(found, reference, check_exact=True)


def _local(workers: int, payload: bytes) -> Local:
    return Local(workers, payload, _nothing)


def _nothing() -> None:
    pass


def test_a_member_loses_what_its_scenario_loses(setup: Setup, reference: DataFrame) -> None:
    """The same world by the command's own way: nothing shared, another code path, the same starts.

    The small world has equal optima, and which of them a window ends in depends on its start.
    """
    from supplychain.ensemble.members import scenario_of, tables_of
    from supplychain.results.run_record import make_run

    turns = all_turns(setup.definition, setup.tables)
    ends = [end for one in turns for end in Futures(setup).references(one)]
    starts = WarmStarts([unpack(end) for end in ends])
    for member in draw(setup.definition, setup.tables)[:3]:
        tables = tables_of(member, setup.definition, setup.tables)
        scenario = scenario_of(member, setup.definition, setup.base, tables)
        network = build_network(tables)
        case = build_case(network, tables, scenario)
        solver = Solver(network, starts=starts)
        solution = solver.solve(case, "rolling", setup.allocation)
        run = make_run(tables, solution)
        rows = reference[(reference["member"] == member.index) & (reference["arm"] == PATH)]
        wanted = run.tables["shortfall"]["lost_value_usd"].sum()
        assert rows["lost_value_usd"].sum() == pytest.approx(wanted, rel=1e-6, abs=1.0)


def test_a_longer_sample_takes_over_what_is_solved(setup: Setup, tmp_path: Path) -> None:
    longer = replace(setup, definition=replace(setup.definition, members=16))
    assert key_of(longer) == key_of(setup)
    folder = MemberFolder(tmp_path / "members")
    solved(setup, folder)
    members = draw(longer.definition, longer.tables)
    assert [t.member.index for t in to_do(members, 2, folder, WHOLE)] == list(range(8, 16))


def test_more_pairs_ask_for_the_arm_that_is_missing(setup: Setup, tmp_path: Path) -> None:
    folder = MemberFolder(tmp_path / "members")
    solved(setup, folder)
    members = draw(setup.definition, setup.tables)
    [task] = to_do(members, 3, folder, WHOLE)
    assert (task.member.index, task.arms) == (2, (PATH, HELD))
    assert to_do(members, 1, folder, WHOLE) == []


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 8},
        {"weeks": 19},
        {"sampler": "lhs"},
        {"inputs": ()},
        {"paths": None},
    ],
)
def test_another_ensemble_has_another_key(setup: Setup, change: dict[str, Any]) -> None:
    other = replace(setup, definition=replace(setup.definition, **change))
    assert key_of(other) != key_of(setup)


def test_one_other_row_far_down_the_list_has_another_key(setup: Setup) -> None:
    """As many rows, and the first of them the same: the record shows no more of them."""
    stock = setup.definition.inputs[0]
    assert isinstance(stock.target, RowTarget)
    rows = tuple((f"customer-{i}", "ndfeb-heavy", "opening_cover") for i in range(5))
    others = (*rows[:4], ("customer-9", *rows[4][1:]))
    one, other = (
        replace(
            setup,
            definition=replace(
                setup.definition,
                inputs=(replace(stock, target=replace(stock.target, rows=chosen)),),
            ),
        )
        for chosen in (rows, others)
    )
    assert one.definition.as_json() == other.definition.as_json()
    assert key_of(one) != key_of(other)


def test_other_data_and_another_base_have_another_key(setup: Setup) -> None:
    assert key_of(replace(setup, allocation="priority")) != key_of(setup)
    assert key_of(replace(setup, tables=replace(setup.tables, hash="other"))) != key_of(setup)
    base = replace(setup.base, changes=(), weeks=setup.base.weeks + 1)
    assert key_of(replace(setup, base=base)) != key_of(setup)


def test_a_member_without_an_answer_is_kept_with_its_reason(tmp_path: Path) -> None:
    """A row that a case needs is gone: of all members that meet the regime, and no other."""
    setup = make_setup(tmp_path)
    frame = setup.tables["regime_parameters"]
    rest = frame[~((frame["regime"] == "slow") & (frame["parameter"] == "throughput"))]
    broken = replace(
        setup,
        tables=replace(setup.tables, frames={**setup.tables.frames, "regime_parameters": rest}),
    )
    members = draw(broken.definition, broken.tables)
    futures = Futures(broken)
    meets = [any(step.regime == "slow" for step in m.path) for m in members]
    assert any(meets)
    assert not all(meets)
    for member, slow in zip(members, meets, strict=True):
        result = futures.solve(member, (PATH,))
        assert (result.losses is None) == slow
        assert ("throughput" in result.reason) == slow


def test_a_task_that_kills_its_process_takes_no_other_with_it(
    setup: Setup, reference: DataFrame, tmp_path: Path
) -> None:
    folder = MemberFolder(tmp_path / "members")
    members = draw(setup.definition, setup.tables)
    tasks = to_do(members, 2, folder, WHOLE)

    def fatal(task: Task) -> bool:
        return isinstance(task, MemberTask) and task.member.index == 5

    for together in (False, True):
        folder.forget()
        engine = partial(Here, workers=2, fatal=fatal, together=together)
        assert solve_members(setup, tasks, folder, engine, silent) == 1
        known = folder.done()
        assert [i for i in known if not known[i].solved] == [5]
        assert "died 2 times" in known[5].reason
    frames = write_drawn(setup, members, folder, tmp_path / "tables")
    assert list(frames["members"]["status"]).count("failed") == 1
    found = read_tables_in(tmp_path / "tables")["losses"]
    rest = reference[reference["member"] != 5].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, rest, check_exact=True)


def test_a_shard_is_solved_once_at_a_time(tmp_path: Path) -> None:
    folder = MemberFolder(tmp_path / "members")
    with (
        folder.alone("1/2"),
        folder.alone("2/2"),
        pytest.raises(Busy, match="1/2"),
        MemberFolder(tmp_path / "members").alone("1/2"),
    ):
        pass
    with folder.alone("1/2"):
        pass


def test_a_lock_of_a_shard_that_is_a_link_is_refused(tmp_path: Path) -> None:
    folder = MemberFolder(tmp_path / "members")
    (tmp_path / "mine").write_text("notes")
    folder.folder.mkdir()
    (folder.folder / ".1-of-2.lock").symlink_to(tmp_path / "mine")
    with pytest.raises(InvalidInput) as caught, folder.alone("1/2"):
        pass
    assert [p.code for p in caught.value.problems] == ["SETUP-115"]
    assert (tmp_path / "mine").read_text() == "notes"


def test_a_file_that_is_not_whole_is_no_member(setup: Setup, tmp_path: Path) -> None:
    folder = MemberFolder(tmp_path / "members")
    solved(setup, folder)
    folder.losses(1).with_suffix(".json").write_text('{"member": 1')
    folder.losses(2).unlink()
    assert sorted(folder.done()) == [0, 3, 4, 5, 6, 7]


def test_references_are_every_turn_between_two_regimes(setup: Setup) -> None:
    turns = all_turns(setup.definition, setup.tables)
    assert turns[0][0] == (turns[0][0][0],)
    pairs = {(p[1].regime, p[2].regime) for group in turns[1:] for p in group}
    assert ("embargo", "slow") in pairs
    assert ("slow", "open") in pairs
    assert all(one != other for one, other in pairs)
    assert all(group[0][1] == path[1] for group in turns[1:] for path in group)


def test_an_ensemble_without_paths_has_its_base_for_reference(tmp_path: Path) -> None:
    setup = make_setup(tmp_path, TEXT.replace(PATHS, "").replace("pairs: 2\n", ""))
    assert all_turns(setup.definition, setup.tables) == (((),),)
    found = solved(setup, MemberFolder(tmp_path / "members"))
    assert found is not None
    assert set(found["arm"]) == {PATH}
