"""Words on the command line that say where an ensemble is solved, and which part of it."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from supplychain.cli.command import UsageError
from supplychain.cli.log import LOGGER, structured
from supplychain.cli.solving import be_a_worker

if TYPE_CHECKING:
    from supplychain.study.ensemble.engine import Engine
    from supplychain.study.ensemble.solving import OpenEngine, Shard

EXECUTOR = re.compile(r"local(:(?P<workers>[1-9]\d*))?|dask:(?P<address>\S+)")


def engine_of(word: str | None, workers: int) -> OpenEngine:
    """Read `--executor`: what opens an engine for a payload.

    Raises:
        UsageError: it is neither local:N nor dask:ADDRESS.
    """
    found = EXECUTOR.fullmatch(word or "local")
    if found is None:
        raise UsageError(f'--executor wants local:4 or dask:tcp://HOST:PORT, but got "{word}".')
    if found["address"]:
        return partial(_dask, found["address"])
    return partial(_local, int(found["workers"] or workers))


def _local(workers: int, payload: bytes) -> Engine:
    from supplychain.study.ensemble.engine import Local

    return Local(workers, payload, partial(be_a_worker, structured(), LOGGER.level))


def _dask(address: str, payload: bytes) -> Engine:
    from supplychain.study.ensemble.engine import Dask

    return Dask(address, payload)


def read_shard(word: str | None) -> Shard:
    """Read `--shard I/N`.

    Raises:
        UsageError: it is no such pair, or I is not from 1 to N.
    """
    from supplychain.study.ensemble.solving import Shard

    found = re.fullmatch(r"(\d+)/(\d+)", word or "1/1")
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise UsageError(f'--shard wants I/N with I from 1 to N, as 2/8, but got "{word}".')
    return Shard(int(found[1]), int(found[2]))
