"""Who solves the members: processes of this machine or workers of dask.

Both are executors as `concurrent.futures` knows them. A task whose process died is tried again, by
itself, so that one that kills its process takes nobody with it.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import pickle
import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from supplychain.ensemble.members import Member
from supplychain.ensemble.solve_member import Futures, Setup, Turns
from supplychain.errors import InvalidInput, problem
from supplychain.optional_dependencies import DASK, need

DEATHS = 2
"""A task in whose processes died so often, the last time by itself, is given up."""

AHEAD = 2
"""Tasks handed over for each worker, so that none waits and memory does not grow with N."""

Prepare = Callable[[], None]


class Engine(Protocol):
    """A place where tasks are done."""

    workers: int
    deaths: tuple[type[BaseException], ...]
    """What a future raises when its process died."""
    together: bool
    """Whether the death of one process takes the tasks of all with it."""

    def submit(self, task: Task) -> Future[Any]:
        """Hand over a task."""

    def again(self) -> None:
        """Make the engine ready after a process died."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End; on an error at once."""


class Local:
    """Processes of this machine."""

    deaths: tuple[type[BaseException], ...] = (BrokenProcessPool,)
    together = True

    def __init__(self, workers: int, payload: bytes, prepare: Prepare) -> None:
        """Start nothing yet; `prepare` is called first in each process."""
        self.workers = workers
        self.payload, self.name, self.prepare = payload, digest_of(payload), prepare
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, task: Task) -> Future[Any]:
        """Hand over a task."""
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                self.workers, context, _begin, (self.prepare, self.payload)
            )
        return self._pool.submit(do, self.name, task)

    def again(self) -> None:
        """Start new processes with the next task."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes; on an error at once."""
        if self._pool is None:
            return
        if kind is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            for child in multiprocessing.active_children():
                child.terminate()
        self._pool.shutdown(wait=True)


def _untyped(made: Any) -> Any:
    """What a library without types gives, as such."""
    return made


def _begin(prepare: Prepare, payload: bytes) -> None:
    prepare()
    open_payload(payload)


class Dask:
    """Workers of a running dask.distributed scheduler; they need this package installed."""

    together = False

    def __init__(self, address: str, payload: bytes, patience: float = 10.0) -> None:
        """Connect, and wait so many seconds for an answer.

        Raises:
            InvalidInput: distributed is missing, or no scheduler answers at the address.
        """
        need(DASK, "A dask engine")
        from distributed import CancelledError, Client, KilledWorker

        self.deaths: tuple[type[BaseException], ...] = (KilledWorker, CancelledError)
        self.payload, self.name = payload, digest_of(payload)
        try:
            self._client: Any = _untyped(Client)(address, timeout=patience, set_as_default=False)
        except (OSError, ValueError) as error:  # ValueError: a kind of address it does not know
            text = f"no dask scheduler answers at {address}."
            hint = "Start one with `dask scheduler`, and workers with `dask worker`."
            raise InvalidInput(
                "The ensemble was not begun.", [problem("SETUP-131", text, hint=hint)]
            ) from error
        self.workers = max(sum(self._client.nthreads().values()), 1)
        self._executor: Executor = self._client.get_executor(pure=False)
        self._shared: Any = None

    def submit(self, task: Task) -> Future[Any]:
        """Hand over a task."""
        if self._shared is None:
            self._shared = self._client.scatter(self.payload, broadcast=True)
        return self._executor.submit(do_with, self._shared, self.name, task)

    def again(self) -> None:
        """Send the payload anew with the next task; the scheduler finds other workers itself."""
        self._shared = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_raised: object) -> None:
        """Take back what is not done, and leave the scheduler as it was."""
        self._executor.shutdown(wait=False)
        self._client.close()


@dataclass(frozen=True)
class Died:
    """A task given up, because its process died each time."""

    task: Task
    deaths: int


def done(engine: Engine, tasks: Iterable[Task]) -> Iterator[tuple[Task, Any]]:
    """Do tasks, each given back with its result as it is done, in any order; or as `Died`."""
    suspects: list[Task] = []
    waiting: dict[Future[Any], Task] = {}
    queue = iter(tasks)
    while True:
        _fill(engine, queue, waiting)
        if not waiting:
            break
        finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
        if engine.together and any(_died(engine, future) for future in finished):
            finished, _ = wait(waiting)
        died = [future for future in finished if _died(engine, future)]
        suspects.extend(waiting.pop(future) for future in died)
        if died:
            engine.again()
        for future in finished - set(died):
            yield waiting.pop(future), future.result()
    for task in suspects:
        yield task, _alone(engine, task)


def _fill(engine: Engine, queue: Iterator[Task], waiting: dict[Future[Any], Task]) -> None:
    while len(waiting) < AHEAD * engine.workers:
        task = next(queue, None)
        if task is None:
            return
        waiting[engine.submit(task)] = task


def _died(engine: Engine, future: Future[Any]) -> bool:
    return isinstance(future.exception(), engine.deaths)


def _alone(engine: Engine, task: Task) -> Any:
    """Do a task while no other is under way."""
    for _ in range(1, DEATHS):
        future = engine.submit(task)
        if not _died(engine, future):
            return future.result()
        engine.again()
    return Died(task, DEATHS)


@dataclass(frozen=True)
class MemberTask:
    """Solve one member."""

    member: Member
    arms: tuple[str, ...]


@dataclass(frozen=True)
class ReferenceTask:
    """Solve the reference futures with one first turn."""

    turns: Turns


Task = MemberTask | ReferenceTask

_open: dict[str, Futures] = {}
"""At most one: the ensemble that this process works for, by the digest of its setup."""


def packed(setup: Setup) -> bytes:
    """A setup as bytes for other processes."""
    return zlib.compress(pickle.dumps(setup), level=3)


def digest_of(payload: bytes) -> str:
    """A name for a payload by its content."""
    return hashlib.sha256(payload).hexdigest()


def open_payload(payload: bytes) -> None:
    """Make this process ready for the tasks of one ensemble."""
    name = digest_of(payload)
    if name not in _open:
        _open.clear()
        _open[name] = Futures(pickle.loads(zlib.decompress(payload)))


def do(name: str, task: Task) -> Any:
    """Do a task of the ensemble that was opened before."""
    futures = _open[name]
    if isinstance(task, ReferenceTask):
        return futures.references(task.turns)
    return futures.solve(task.member, task.arms)


def do_with(payload: bytes, name: str, task: Task) -> Any:
    """Do a task in a process that may not have opened the ensemble yet."""
    open_payload(payload)
    return do(name, task)
