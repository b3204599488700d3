"""Ensembles: many sampled futures of one scenario, solved and put into odds."""

from __future__ import annotations
