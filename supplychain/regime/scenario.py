"""Load a scenario: find it, check it, work in what it extends and what is set on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from supplychain.dataset import Tables, shipped
from supplychain.errors import InvalidInput, Problem, problem
from supplychain.regime.finder import find_scenario
from supplychain.regime.kinds import Change, Entry, Foresight, Scenario
from supplychain.regime.layers import Layer, read_layers, setting_layer
from supplychain.regime.meaning import (
    Span,
    at,
    check_change,
    check_conflicts,
    check_entry,
)
from supplychain.regime.vocabulary import Vocabulary, read_vocabulary

__all__ = ["Scenario", "load_scenario"]

DEFAULTS: Mapping[str, Any] = {"mode": "rolling", "window_weeks": 40, "step_weeks": 4}
MONDAY = 0
CUT_SHORT = ("SCEN-101", "SCEN-102", "SCEN-103", "SCEN-105", "SCEN-106", "SCEN-205", "SCEN-206")
"""After these, what a scenario extends is not all read, and the horizon may stand there."""


def load_scenario(
    name_or_path: str,
    tables: Tables,
    folders: Sequence[Path] = (),
    settings: Mapping[str, str] | Sequence[str] = (),
    words: Vocabulary | None = None,
) -> Scenario:
    """Load, check and resolve a scenario.

    Args:
        name_or_path: a name looked up in `folders`, in their order, or the path of a file.
        tables: checked data, whose words the scenario may use.
        folders: where named scenarios are looked up before the shipped ones; for what a file
            extends, its own folder comes first.
        settings: what `--set` gave, applied on top (see `setting_text`), as KEY=VALUE or a mapping.
        words: the vocabulary of the tables, if it is read already.

    Raises:
        NothingMatched: there is no such scenario.
        InvalidInput: the scenario or a setting is wrong; all problems found, with their places.
    """
    words = words or read_vocabulary(tables)
    folders = (*folders, shipped("scenarios"))
    path = find_scenario(name_or_path, folders)
    problems: list[Problem] = []
    layers = read_layers(path, folders, problems)
    if isinstance(settings, Mapping):
        settings = [f"{key}={value}" for key, value in settings.items()]
    top = setting_layer(settings, problems)
    own = _horizon(layers)
    whole = _horizon((top, *layers))
    if not any(found.code in CUT_SHORT for found in problems):
        problems.extend(_horizon_problems(own if own.problem else whole, layers))
    for depth, layer in enumerate(layers):
        _check(layer, own.span if depth == 0 else None, words, problems)
    _check(top, whole.span, words, problems)
    foresight = _foresight((top, *layers), problems)
    _raise(problems)
    scenario = _resolve((top, *layers), whole, foresight)
    check_conflicts(scenario.changes, scenario.start, words, problems.append)
    _raise(problems)
    return scenario


@dataclass(frozen=True)
class _Horizon:
    """The horizon of a chain of layers, as far as it is given."""

    start: date | None
    weeks: int | None

    @property
    def span(self) -> Span | None:
        """First Monday and the Monday after the end, where both are given."""
        if self.start is None or self.weeks is None:
            return None
        return Span(self.start, self.start + timedelta(weeks=self.weeks))

    @property
    def problem(self) -> tuple[str, str] | None:
        """Code and message of what is wrong with it."""
        missing = [n for n, v in (("start", self.start), ("weeks", self.weeks)) if v is None]
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            return "SCEN-202", f"horizon.{' and horizon.'.join(missing)} {verb} missing."
        if self.start is not None and self.start.weekday() != MONDAY:
            before = self.start - timedelta(days=self.start.weekday())
            return "SCEN-207", f"{self.start} is not a Monday; the one before it is {before}."
        return None


def _horizon(layers: Sequence[Layer]) -> _Horizon:
    starts = [x.shape.horizon.start for x in layers if x.shape.horizon.start is not None]
    weeks = [x.shape.horizon.weeks for x in layers if x.shape.horizon.weeks is not None]
    return _Horizon(starts[0] if starts else None, weeks[0] if weeks else None)


def _horizon_problems(horizon: _Horizon, layers: Sequence[Layer]) -> list[Problem]:
    if horizon.problem is None or not layers:
        return []
    code, message = horizon.problem
    hint = "Write horizon: {start: 2026-09-28, weeks: 104}."
    return [problem(code, message, file=layers[0].file, hint=hint, path="horizon")]


def _foresight(layers: Sequence[Layer], problems: list[Problem]) -> Foresight:
    """Take each value of the foresight from the nearest layer that gives it."""
    found = dict(DEFAULTS)
    for layer in reversed(layers):
        given = layer.shape.foresight
        values = {name: getattr(given, name) for name in DEFAULTS}
        found.update({name: value for name, value in values.items() if value is not None})
    expects = next((x.expects for x in layers if x.expects is not None), ())
    if found["step_weeks"] > found["window_weeks"]:
        message = (
            f"foresight.step_weeks {found['step_weeks']} is longer than "
            f"foresight.window_weeks {found['window_weeks']}."
        )
        hint = "Planners cannot act further than they look."
        file = layers[min(1, len(layers) - 1)].file
        problems.append(problem("SCEN-208", message, file=file, hint=hint, path="foresight"))
    return Foresight(expects=expects, **found)


def _check(layer: Layer, span: Span | None, words: Vocabulary, problems: list[Problem]) -> None:
    """Check a layer's words and dates; what it inherits is held to no horizon but its own."""
    seen: dict[tuple[object, ...], Entry] = {}
    for entry in layer.timeline:
        check_entry(entry, span, words, problems.append)
        other = seen.setdefault((entry.effective, *entry.setting.scope), entry)
        if other is not entry:
            message = f"{other.origin.in_words()} sets the same on the same day."
            problems.append(at(entry.origin, "SCEN-412", message, "Delete one of the two."))
    for entry in layer.expects or ():
        check_entry(entry, span, words, problems.append)
    for change in layer.changes:
        check_change(change, span, words, problems.append)


def _resolve(layers: Sequence[Layer], horizon: _Horizon, foresight: Foresight) -> Scenario:
    """Work the layers into one scenario; what lies after a shortened horizon is left out.

    An entry replaces one that a layer below it sets for the same day and the same controls.
    """
    span = horizon.span
    if span is None:
        raise AssertionError("a horizon without start or length was let through")
    entries: dict[tuple[object, ...], Entry] = {}
    for layer in reversed(layers):
        entries.update({(e.effective, *e.setting.scope): e for e in layer.timeline})
    timeline = sorted(
        (e for e in entries.values() if e.effective < span.end),
        key=lambda e: (e.effective, e.setting.narrowness, e.setting.scope),
    )
    changes: list[Change] = [
        change
        for layer in reversed(layers)
        for change in layer.changes
        if (change.start is None or change.start < span.end)
        and (change.end is None or change.end > span.start)
    ]
    named = layers[1]
    return Scenario(
        name=named.name,
        title=named.title,
        start=span.start,
        weeks=(span.end - span.start).days // 7,
        foresight=foresight,
        timeline=tuple(timeline),
        changes=tuple(changes),
        extends=tuple(layer.name for layer in layers[2:]),
        file=named.file,
    )


def _raise(problems: Sequence[Problem]) -> None:
    if problems:
        found = sorted(set(problems), key=lambda p: (p.file, p.line, str(p.column), p.code))
        raise InvalidInput("The scenario is not valid.", found)
