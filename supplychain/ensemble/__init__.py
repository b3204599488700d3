"""Ensembles: many sampled futures of one scenario, solved and put into odds.

Called, as `sc.ensemble("truce-odds")`, it solves one for a notebook (`notebook.door.ensemble`).
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType


class _Room(ModuleType):
    """The room itself as what a notebook calls: a function of its name could not stand beside it.

    Python sets `supplychain.ensemble` to the room as soon as anything of it is imported.
    """

    def __call__(self, *asked: object, **options: object) -> object:
        return import_module("supplychain.notebook.door").ensemble(*asked, **options)


sys.modules[__name__].__class__ = _Room
