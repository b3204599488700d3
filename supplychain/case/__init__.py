"""`Network`, `Scenario` and policy to a `Case`: the numbers of one world by week."""

from __future__ import annotations
