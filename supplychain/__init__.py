"""Rare-earth supply disruption: how much output is lost, where, from when, why, what helps."""

from __future__ import annotations

__version__ = "0.1.0"
