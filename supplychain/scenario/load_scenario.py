"""A scenario by name: found, extended, changed by what lies on top, resolved.

What lies on top is written in the grammar of `supplychain.scenario.overrides`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from supplychain.dataset import BASE_YEAR, Tables
from supplychain.documents import Address, Document, find_scenario, read_yaml
from supplychain.errors import InvalidInput, NothingMatched, Problem, problem
from supplychain.files import shipped
from supplychain.scenario.overrides import (
    WHERE_FROM,
    changed_name,
    parse_settings,
    read_override,
    split_name,
)
from supplychain.scenario.scenario import (
    BASE,
    CENTRAL,
    MONDAY,
    Change,
    Entry,
    Foresight,
    Origin,
    Scenario,
    Setting,
)
from supplychain.scenario.scenario_checks import (
    Span,
    at,
    check_change,
    check_conflicts,
    check_entry,
    check_known_in_time,
    origin_at,
    read_change,
    replaced_at_once,
)
from supplychain.scenario.scenario_schema import (
    EntryPart,
    ExpectationPart,
    SettingPart,
    Shape,
    check_shape,
)
from supplychain.scenario.vocabulary import Vocabulary, read_vocabulary

DEFAULTS: Mapping[str, Any] = {"mode": "rolling", "window_weeks": 40, "step_weeks": 4}
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
        name_or_path: a name looked up in `folders`, in their order, or the path of a file; with
            changes on top where it goes on as `+KEY=VALUE`.
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
    named, changes = split_name(name_or_path)
    path = find_scenario(named, folders)
    problems: list[Problem] = []
    layers = read_layers(path, folders, problems)
    if changes and layers:
        layers = (_changed(layers[0], changes, name_or_path, problems), *layers)
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
    for change in scenario.changes:
        check_known_in_time(change, scenario.start, problems.append)
    check_conflicts(scenario.changes, scenario.start, words, problems.append)
    _raise(problems)
    return with_stated_stocks(scenario, tables)


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
    hint = "Write horizon: {start: 2026-11-30, weeks: 104}."
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
    problems.extend(replaced_at_once(layer.timeline))
    for entry in layer.expects or ():
        check_entry(entry, span, words, problems.append)
    for change in layer.changes:
        check_change(change, span, words, problems.append)


def _resolve(layers: Sequence[Layer], horizon: _Horizon, foresight: Foresight) -> Scenario:
    """Work the layers into one scenario, with what lies after a shortened horizon.

    Planners see that coming, so that the first weeks do not depend on how many follow. An entry
    replaces one that a layer below it sets for the same day and the same controls.
    """
    span = horizon.span
    if span is None:
        raise AssertionError("a horizon without start or length was let through")
    entries: dict[tuple[object, ...], Entry] = {}
    for layer in reversed(layers):
        entries.update({(e.effective, *e.setting.scope): e for e in layer.timeline})
    timeline = sorted(
        entries.values(),
        key=lambda e: (e.effective, e.setting.narrowness, e.setting.scope),
    )
    written = [change for layer in reversed(layers) for change in layer.changes]
    changes = [
        change
        for change in written
        if change.end is None or change.end > span.start  # else it is history
    ]
    begun = next((x.shape.history.from_ for x in layers if x.shape.history.given), None)
    history = begun if begun is not None and begun < span.start else None
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
        history=history,
        past_changes=tuple(
            change
            for change in written
            if history and change.end is not None and history < change.end <= span.start
        ),
        demand=_demand(layers, span),
    )


def _demand(layers: Sequence[Layer], span: Span) -> str:
    """What the nearest layer says; else plans grow where the horizon starts after the base year."""
    usual = CENTRAL if span.start > BASE_YEAR[1] else BASE
    return next((x.shape.demand for x in layers if x.shape.demand is not None), usual)


def _raise(problems: Sequence[Problem]) -> None:
    if problems:
        found = sorted(set(problems), key=lambda p: (p.file, p.line, str(p.column), p.code))
        raise InvalidInput("The scenario is not valid.", found)


@dataclass(frozen=True)
class Layer:
    """One file, or what `--set` gave, in the words of `kinds`; faulty parts are left out."""

    name: str
    title: str
    file: str
    shape: Shape
    timeline: tuple[Entry, ...]
    changes: tuple[Change, ...]
    expects: tuple[Entry, ...] | None
    """None: what is extended says."""


def read_layers(path: Path, folders: Sequence[Path], problems: list[Problem]) -> tuple[Layer, ...]:
    """Read a scenario file and what it extends, itself first; problems are added to the list."""
    layers: list[Layer] = []
    seen: list[Path] = []
    next_path: Path | None = path
    while next_path is not None:
        document = _read(next_path, problems)
        if document is None:
            break
        shape = check_shape(document)
        seen.append(next_path.resolve())
        if next_path.stem != shape.name and "name" in document.tree:
            message = f'the name "{shape.name}" is not that of the file, "{next_path.stem}".'
            document.report("SCEN-204", message, ("name",), hint="Rename one of the two.")
        layers.append(_layer(document, shape))
        next_path = _extended(document, shape, next_path, folders, seen)
        problems.extend(document.problems)
    return tuple(layers)


def setting_layer(
    settings: Sequence[str], problems: list[Problem], place: str = WHERE_FROM
) -> Layer:
    """Turn what `--set` gave into the topmost layer; problems, named by `place`, are added."""
    extra = parse_settings(settings, place)
    document = Document(place, {"name": "set", "title": "set", **extra.tree})
    document.values[()] = (0, 0)
    shape = check_shape(document)
    layer = _layer(document, shape)
    problems.extend([*extra.problems, *document.problems])
    return layer


def _changed(base: Layer, changes: Sequence[str], word: str, problems: list[Problem]) -> Layer:
    """The layer of the changes that the name of a scenario gives, in one order whatever theirs."""
    read = [read_override(text, []) for text in changes]
    sound = sorted((one for one in read if one is not None), key=lambda one: one.text)
    settings = [one.text for one in sound] if len(sound) == len(read) else changes
    layer = setting_layer(settings, problems, word)
    title = f"{base.title}; {', '.join(one.in_words() for one in sound)}"
    return replace(layer, name=changed_name(base.name, sound), title=title, file=base.file)


def _read(path: Path, problems: list[Problem]) -> Document | None:
    try:
        return read_yaml(path)
    except InvalidInput as error:
        problems.extend(error.problems)
        return None


def _extended(
    document: Document, shape: Shape, path: Path, folders: Sequence[Path], seen: list[Path]
) -> Path | None:
    """The file that this one extends; a missing one and a circle are problems."""
    if not shape.extends:
        return None
    try:
        found = find_scenario(shape.extends, (path.parent, *folders))
    except NothingMatched as error:
        document.report("SCEN-205", error.message, ("extends",))
        return None
    if found.resolve() in seen:
        circle = " -> ".join([*(p.stem for p in seen), found.stem])
        message = f"the scenarios extend each other in a circle: {circle}."
        document.report("SCEN-206", message, ("extends",), hint="Take one extends out.")
        return None
    return found


def _layer(document: Document, shape: Shape) -> Layer:
    expects = shape.foresight.expects
    return Layer(
        name=shape.name,
        title=shape.title,
        file=document.file,
        shape=shape,
        timeline=tuple(_entry(part, document, ("timeline", i)) for i, part in shape.timeline),
        changes=tuple(read_change(part, document, ("changes", i)) for i, part in shape.changes),
        expects=None
        if expects is None
        else tuple(
            _expectation(part, document, ("foresight", "expects", i))
            for i, part in enumerate(expects)
        ),
    )


def _setting(part: SettingPart) -> Setting:
    return Setting(part.regime, part.exporter, part.control, part.destination, part.end_use)


def _entry(part: EntryPart, document: Document, address: Address) -> Entry:
    origin = origin_at(document, address)
    setting = _setting(part.set)
    return Entry(part.announced, part.effective, setting, part.why, part.source, origin)


def _expectation(part: ExpectationPart, document: Document, address: Address) -> Entry:
    origin = origin_at(document, address)
    return Entry(date.min, part.effective, _setting(part.set), part.why, part.source, origin)


def with_stated_stocks(scenario: Scenario, tables: Tables) -> Scenario:
    """Set the shelf of each company where a solved past would say what is left of it.

    What a planner says is on it holds when the horizon starts, whatever the past.
    Changes of the scenario itself come later, and win.
    """
    if scenario.history is None:
        return scenario
    own = set(tables["companies"]["company"])
    segment = dict(
        zip(tables["customers"]["customer"], tables["customers"]["segment"], strict=True)
    )
    stated = [
        Change(
            what="shelf_cover",
            where=(("customer", str(row["customer"])), ("material", str(row["material"]))),
            start=None,
            end=None,
            announced=None,
            value=float(row["value"]),
            unit="week",
            why="said of the company: what is on its shelf at the start",
            source=str(row["source"]),
            origin=Origin(str(row["_file"]), int(row["_line"]), 1),
        )
        for row in tables.records("covers")
        if row["quantity"] == "target_cover" and segment[row["customer"]] in own
    ]
    return replace(scenario, changes=(*stated, *scenario.changes))
