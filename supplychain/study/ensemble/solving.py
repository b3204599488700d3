"""An ensemble from its setup to members on disk: references first, then what is still to do."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from supplychain.solve.starts import Packed
from supplychain.study.ensemble.engine import Died, Engine, done
from supplychain.study.ensemble.futures import HELD, PATH, Setup, Solved
from supplychain.study.ensemble.references import all_turns
from supplychain.study.ensemble.sample import Member
from supplychain.study.ensemble.store import MemberFolder
from supplychain.study.ensemble.work import MemberTask, ReferenceTask, packed

OpenEngine = Callable[[bytes], Engine]
"""Makes an engine for a setup in bytes."""

Progress = Callable[[int, int, str], None]
"""Called with (done, to do, what)."""


@dataclass(frozen=True)
class Shard:
    """Part `number` of `count`, from 1: the members whose number leaves number - 1 by count."""

    number: int = 1
    count: int = 1

    def has(self, index: int) -> bool:
        """Whether a member is one of the part."""
        return index % self.count == self.number - 1

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


def arms_of(member: Member, pairs: int) -> tuple[str, ...]:
    """The futures of a member: its own, and the one without a turn while there are pairs."""
    return (PATH, HELD) if member.index < pairs else (PATH,)


def to_do(
    members: Sequence[Member], pairs: int, folder: MemberFolder, shard: Shard
) -> list[MemberTask]:
    """The members of a shard that are not done, or lack an arm."""
    known = folder.done()
    found = []
    for member in members:
        arms = arms_of(member, pairs)
        have = known[member.index].arms if member.index in known else ()
        if shard.has(member.index) and not set(arms) <= set(have):
            found.append(MemberTask(member, arms))
    return found


def solve_members(
    setup: Setup,
    tasks: Sequence[MemberTask],
    folder: MemberFolder,
    engine: OpenEngine,
    progress: Progress,
) -> int:
    """Solve members and keep each as it is done; how many had no answer.

    Raises:
        OSError: a member could not be written; those before it are kept.
    """
    starts = folder.starts()
    if starts is None:
        starts = solve_references(setup, engine, progress)
        folder.keep_starts(starts)
    failed = 0
    with engine(packed(replace(setup, starts=starts))) as running:
        progress(0, len(tasks), "members")
        for count, (_, result) in enumerate(done(running, tasks), start=1):
            solved = _given_up(result) if isinstance(result, Died) else result
            folder.keep(solved)
            failed += solved.losses is None
            missing = f", {failed:,} without an answer" if failed else ""
            progress(count, len(tasks), f"members{missing}")
    return failed


def _given_up(died: Died) -> Solved:
    """What is recorded of a member whose process died each time."""
    assert isinstance(died.task, MemberTask)
    reason = f"The process that solved it died {died.deaths} times: killed, or out of memory."
    return Solved(died.task.member.index, None, reason, died.task.arms)


def solve_references(setup: Setup, engine: OpenEngine, progress: Progress) -> tuple[Packed, ...]:
    """Solve the reference futures; where their windows ended, each once, in the same order always.

    Raises:
        RuntimeError: the process that solved one died each time.
    """
    tasks = [ReferenceTask(turns) for turns in all_turns(setup.definition, setup.tables)]
    place = {task: i for i, task in enumerate(tasks)}
    found: dict[int, Sequence[Packed]] = {}
    with engine(packed(setup)) as running:
        progress(0, len(tasks), "reference futures")
        for count, (task, result) in enumerate(done(running, tasks), start=1):
            if isinstance(result, Died):
                raise RuntimeError("The process that solved a reference future died each time.")
            assert isinstance(task, ReferenceTask)
            found[place[task]] = result
            progress(count, len(tasks), "reference futures")
    every = [one for i in sorted(found) for one in found[i]]
    return tuple({_digest(one): one for one in every}.values())


def _digest(one: Packed) -> bytes:
    digest = hashlib.sha256()
    for part in sorted(one):
        digest.update(one[part].tobytes())
    return digest.digest()
