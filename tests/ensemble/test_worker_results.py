"""What a worker gives back is looked at before it is used: of another kind, it is no answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from supplychain.ensemble.executor import MemberTask, ReferenceTask, Task
from supplychain.ensemble.members import draw
from supplychain.ensemble.solve_ensemble import (
    MemberFolder,
    Shard,
    solve_members,
    solve_references,
    to_do,
)
from supplychain.ensemble.solve_member import Setup, Solved
from supplychain.solve.warm_start import Packed
from tests.ensemble.setups import TEXT, Here, make_setup, silent

SHORT = TEXT.replace("weeks: 20", "weeks: 3")
Spoil = Callable[[Solved], Any]


def with_losses(change: Callable[[Any], Any]) -> Spoil:
    return lambda solved: replace(solved, losses=change(solved.losses))


MEMBERS: dict[str, tuple[Spoil, str]] = {
    "nothing": (lambda _: None, "NoneType instead of what became of a member"),
    "a text": (lambda _: "done", "str instead of what became of a member"),
    "another member": (lambda s: replace(s, index=s.index + 1), "another member"),
    "other arms": (lambda s: replace(s, arms=("path", "odd")), "other arms"),
    "no losses and no reason": (lambda s: replace(s, losses=None), "neither losses nor a reason"),
    "a list": (with_losses(lambda t: t.to_dict("records")), "losses without the columns"),
    "a column less": (with_losses(lambda t: t.drop(columns="week")), "losses without the columns"),
    "texts": (with_losses(lambda t: t.assign(lost_share="<b>")), "losses that are no numbers"),
    "flags as texts": (with_losses(lambda t: t.assign(stopped="no")), "losses that are no numbers"),
    "NaN": (with_losses(lambda t: t.assign(lost_value_usd=np.nan)), "losses that are not finite"),
    "another's": (with_losses(lambda t: t.assign(member=99)), "losses of another member or arm"),
    "a week less": (with_losses(lambda t: t.iloc[:-1]), "one row for each of 3 weeks"),
    "a row twice": (with_losses(lambda t: t.iloc[[*range(len(t)), 0]]), "one row for each of 3"),
}


class Spoiling(Here):
    """Gives back something else for the tasks of one kind; of members, for the first."""

    kind: type[Task] = MemberTask
    spoil: Spoil

    def submit(self, task: Task) -> Future[Any]:
        future = super().submit(task)
        first = not isinstance(task, MemberTask) or task.member.index == 0
        if isinstance(task, self.kind) and first:
            spoilt: Future[Any] = Future()
            spoilt.set_result(self.spoil(future.result()))
            return spoilt
        return future


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Setup:
    return make_setup(tmp_path_factory.mktemp("odds"), SHORT)


@pytest.fixture(scope="module")
def starts(setup: Setup) -> tuple[Packed, ...]:
    return solve_references(setup, Here, silent)


@pytest.mark.parametrize("what", MEMBERS)
def test_a_member_that_is_none_has_no_answer(
    setup: Setup, starts: tuple[Packed, ...], tmp_path: Path, what: str
) -> None:
    spoil, words = MEMBERS[what]
    members = draw(setup.definition, setup.tables)[:2]
    folder = MemberFolder(tmp_path / "members")
    folder.keep_starts(starts)
    engine = type("Engine", (Spoiling,), {"spoil": staticmethod(spoil)})
    tasks = to_do(members, 1, folder, Shard())
    assert solve_members(setup, tasks, folder, engine, silent) == 1
    done = folder.done()
    assert [done[index].solved for index in (0, 1)] == [False, True]
    assert done[0].reason.startswith("What its worker gave back is no answer: ")
    assert words in done[0].reason


@pytest.mark.parametrize("spoilt", [None, {}, [{}], [{"columns": 1}], "x"])
def test_ends_of_windows_that_are_none_are_refused(
    setup: Setup, tmp_path: Path, spoilt: Any
) -> None:
    members = draw(setup.definition, setup.tables)[:1]
    folder = MemberFolder(tmp_path / "members")
    odd = {"kind": ReferenceTask, "spoil": staticmethod(lambda _: spoilt)}
    tasks = to_do(members, 1, folder, Shard())
    with pytest.raises(RuntimeError, match="no ends of reference windows"):
        solve_members(setup, tasks, folder, type("Engine", (Spoiling,), odd), silent)
    assert folder.starts() is None
