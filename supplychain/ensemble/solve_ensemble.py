"""Solve references and members, keep each as it comes, take up where it stopped.

They lie in `<out>/<ensemble>.members/<key>/`, where the key stands for everything that a member
hangs on: another definition, other data or another version has another folder, and nothing of one
is ever taken for the other's. A member is done when its `.json` is there, which is written last.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pandas import DataFrame

from supplychain.ensemble.ensemble_definition import RowTarget
from supplychain.ensemble.executor import Died, Engine, MemberTask, ReferenceTask, done, packed
from supplychain.ensemble.members import Member
from supplychain.ensemble.solve_member import HELD, LOSSES, PATH, Setup, Solved, all_turns
from supplychain.errors import InvalidInput
from supplychain.files import holding, inside, whole_file
from supplychain.progress import announce
from supplychain.runs.provenance import identity, versions
from supplychain.runs.records import in_short, read_member_record
from supplychain.runs.run_store import write_table
from supplychain.solve.warm_start import Packed

OpenEngine = Callable[[bytes], Engine]
"""Makes an engine for a setup in bytes."""

Progress = Callable[[int, int, str], None]
"""Called with (done, to do, what)."""

DAMAGES = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)
"""What numpy raises over a file that is not as it was written."""

DIGITS = 6
STARTS = "starts.npz"
PARTS = ("columns", "rows", "granted", "shelf")
"""Of a packed end of a window."""
FACTS = ("seconds", "processor_seconds", "windows", "memory_mb")
VERSIONS = ("supplychain", "highspy", "pyomo", "numpy", "scipy")


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
        for count, (task, result) in enumerate(done(running, tasks), start=1):
            assert isinstance(task, MemberTask)
            solved = _given_up(result) if isinstance(result, Died) else result
            wrong = misshapen(solved, task, setup.base.weeks)
            if wrong:
                reason = f"What its worker gave back is no answer: {wrong}."
                solved = Solved(task.member.index, None, reason, task.arms)
            folder.keep(solved)
            failed += solved.losses is None
            missing = f", {failed:,} without an answer" if failed else ""
            progress(count, len(tasks), f"members{missing}")
    return failed


def misshapen(solved: object, task: MemberTask, weeks: int) -> str:
    """What keeps something that a worker gave back from being what its task asked for; or "".

    A worker may be of another version, or another's: nothing of it is taken unseen.
    """
    if not isinstance(solved, Solved):
        return f"{type(solved).__name__} instead of what became of a member"
    if (solved.index, solved.arms) != (task.member.index, task.arms):
        return f"another member or other arms ({solved.index}, {solved.arms})"
    table = solved.losses
    if table is None:
        return "" if solved.reason else "neither losses nor a reason"
    if not isinstance(table, DataFrame) or tuple(table.columns) != LOSSES:
        return f"losses without the columns {', '.join(LOSSES)}"
    amounts = table[["planned_value_usd", "lost_value_usd", "lost_share"]]
    if list(amounts.dtypes) != [np.float64] * 3 or table["stopped"].dtype != np.bool_:
        return "losses that are no numbers"
    if not np.isfinite(amounts.to_numpy()).all():
        return "losses that are not finite"
    if set(table["member"]) != {task.member.index} or set(table["arm"]) != set(task.arms):
        return "losses of another member or arm"
    counts = table.groupby(["arm", "sector", "region"])["week"].nunique()
    if table.duplicated(list(LOSSES[1:5])).any() or set(counts) != {weeks}:
        return f"losses that have not one row for each of {weeks} weeks"
    return ""


def _given_up(died: Died) -> Solved:
    """What is recorded of a member whose process died each time."""
    assert isinstance(died.task, MemberTask)
    reason = f"The process that solved it died {died.deaths} times: killed, or out of memory."
    return Solved(died.task.member.index, None, reason, died.task.arms)


def solve_references(setup: Setup, engine: OpenEngine, progress: Progress) -> tuple[Packed, ...]:
    """Solve the reference futures; where their windows ended, each once, in the same order always.

    Raises:
        RuntimeError: the process that solved one died each time, or gave back something else.
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
            if not _are_starts(result):
                raise RuntimeError("What a worker gave back are no ends of reference windows.")
            found[place[task]] = result
            progress(count, len(tasks), "reference futures")
    every = [one for i in sorted(found) for one in found[i]]
    return tuple({_digest(one): one for one in every}.values())


def _are_starts(result: object) -> bool:
    """Whether it is a list of packed ends of windows."""
    return isinstance(result, list) and all(
        isinstance(one, dict)
        and set(one) == set(PARTS)
        and all(isinstance(part, np.ndarray) for part in one.values())
        for one in result
    )


def _digest(one: Packed) -> bytes:
    digest = hashlib.sha256()
    for part in sorted(one):
        digest.update(one[part].tobytes())
    return digest.digest()


@dataclass(frozen=True)
class Done:
    """What is known of a member that is done."""

    index: int
    solved: bool
    reason: str
    arms: tuple[str, ...]
    facts: Mapping[str, float]
    """Seconds, processor seconds, windows, and the most memory its process has held, MB."""


def key_of(setup: Setup) -> str:
    """The name of everything that a member hangs on.

    With the sampler sobol the number of members is no part of it: a longer sample begins with the
    shorter one. The definition as JSON shows the first rows of an input; here all of them count.
    """
    definition = setup.definition.as_json()
    for word in ("name", "title", "notes", "pairs"):
        del definition[word]
    if setup.definition.sampler == "sobol":
        del definition["members"]
    used = versions()
    targets = [one.target for one in setup.definition.inputs]
    content = {
        "definition": definition,
        "rows": [one.rows for one in targets if isinstance(one, RowTarget)],
        "base": setup.base.as_json(),
        "data": setup.tables.hash,
        "allocation": setup.allocation,
        "versions": {name: used[name] for name in VERSIONS},
    }
    return identity(content)


def members_folder(setup: Setup, out: Path) -> MemberFolder:
    """Where the members of an ensemble are kept while it is solved."""
    return MemberFolder(inside(out, f"{setup.definition.name}.members", key_of(setup)))


class MemberFolder:
    """The members of one ensemble that are done."""

    def __init__(self, folder: Path) -> None:
        """Look at a folder; it is made when the first member is written."""
        self.folder = folder

    def done(self) -> dict[int, Done]:
        """Every member that is done, by its number; a file that is not whole is none."""
        found = (_read(file) for file in sorted(self.folder.glob("[0-9]*.json")))
        return {one.index: one for one in found if one is not None}

    def losses(self, index: int) -> Path:
        """The file of a member's losses."""
        return self.folder / f"{index:0{DIGITS}}.parquet"

    def keep(self, solved: Solved) -> None:
        """Write what became of a member.

        Raises:
            OSError: the disk is full, or the folder cannot be written.
        """
        losses = self.losses(solved.index)
        if solved.losses is not None:
            with whole_file(losses) as part:
                write_table(solved.losses, part)
        facts = {
            "member": solved.index,
            "solved": solved.losses is not None,
            "reason": solved.reason,
            "arms": list(solved.arms),
            "losses": _sum(losses) if solved.losses is not None else "",
            **{name: solved.facts.get(name, 0.0) for name in FACTS},
        }
        with whole_file(self.losses(solved.index).with_suffix(".json")) as part:
            part.write_text(json.dumps(facts, allow_nan=False) + "\n", encoding="utf-8")

    def forget(self) -> None:
        """Take away every member, so that all are solved anew."""
        for file in [*self.folder.glob("[0-9]*.json"), *self.folder.glob("[0-9]*.parquet")]:
            file.unlink()

    def starts(self) -> tuple[Packed, ...] | None:
        """Where the reference futures ended; None if they were not solved yet."""
        file = self.folder / STARTS
        if not file.is_file():
            return None
        try:
            with file.open("rb") as opened, np.load(opened, allow_pickle=False) as held:
                count = 1 + max((int(name.split(".")[0]) for name in held.files), default=-1)
                return tuple({part: held[f"{i}.{part}"] for part in PARTS} for i in range(count))
        except DAMAGES as damaged:
            text = f"{file.as_posix()} is damaged ({damaged}); the references are solved again."
            announce(text)
            return None

    def keep_starts(self, starts: Sequence[Packed]) -> None:
        """Write where the reference futures ended."""
        arrays = {f"{i}.{part}": one[part] for i, one in enumerate(starts) for part in one}
        with whole_file(self.folder / STARTS) as part, part.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)

    @contextmanager
    def alone(self, shard: str) -> Iterator[None]:
        """Hold the lock of a shard while its members are solved.

        Raises:
            InvalidInput: something else lies where the lock is to be.
            Busy: another process solves the same shard.
        """
        busy = f"Another process solves shard {shard} of this ensemble in {self.folder}."
        with holding(self.folder / f".{shard.replace('/', '-of-')}.lock", 0, busy):
            yield


def _sum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _read(file: Path) -> Done | None:
    try:
        found = read_member_record(file)
    except InvalidInput as damaged:
        announce(f"{in_short(damaged)}: the member is solved again.")
        return None
    losses = file.with_suffix(".parquet")
    if found["solved"] and (not losses.is_file() or _sum(losses) != found["losses"]):
        announce(f"{losses.as_posix()} is damaged or gone: the member is solved again.")
        return None
    return Done(
        index=found["member"],
        solved=found["solved"],
        reason=found["reason"],
        arms=tuple(found["arms"]),
        facts={name: float(found[name]) for name in FACTS},
    )
