"""What a definition comes to on a day: the scenarios to have, their ids, and the report's key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from supplychain.dataset import Tables, read_tables
from supplychain.documents import SUFFIXES
from supplychain.errors import InvalidInput, NothingMatched, Problem
from supplychain.files import expanded
from supplychain.runs.provenance import identity, versions
from supplychain.runs.run_schema import BAND_ENDS, WORLD
from supplychain.scenario.overrides import WHERE_FROM
from supplychain.scenario.scenario import Scenario
from supplychain.scenario.vocabulary import Vocabulary, read_vocabulary
from supplychain.scheduled_reports.report_definition import Definition, check_words, invalid
from supplychain.scheduled_reports.report_schema import read_moment
from supplychain.study.run_request import RunRequest, id_of, resolve

PAGE = 1
"""Raised when the same runs are shown otherwise: reports of earlier days stay, today's is new."""


@dataclass(frozen=True)
class Ground:
    """What the project and the command line say for every definition."""

    out: Path
    folders: Sequence[Path] = ()
    """Where scenario names are looked up before the shipped ones."""
    data: Path | None = None
    data_first: bool = False
    """Whether `data` comes from the command line and so goes before the definition's own."""
    overlays: Sequence[Path] = ()
    foresight: str | None = None
    allocation: str = "contracts"
    start: date | None = None
    weeks: int | None = None
    threads: int = 1


@dataclass(frozen=True)
class Wanted:
    """One scenario of a definition: what to solve, and the id that its run has."""

    word: str
    request: RunRequest
    scenario: Scenario
    id: str
    band: Mapping[str, Wanted] = field(default_factory=dict)
    """The other runs of its band, by kind."""


@dataclass(frozen=True)
class Plan:
    """A definition on a day, with everything resolved that can be without solving."""

    definition: Definition
    day: date
    tables: Tables
    wanted: tuple[Wanted, ...]

    def of(self, word: str) -> Wanted:
        """The scenario that the definition calls by a word."""
        return next(one for one in self.wanted if one.word == word)

    @property
    def every(self) -> tuple[Wanted, ...]:
        """All runs to have: the scenarios' own and those of their bands."""
        return tuple(run for one in self.wanted for run in (one, *one.band.values()))

    @property
    def base(self) -> str:
        """The name of the base scenario."""
        return self.of(self.definition.base).scenario.name

    @property
    def focus(self) -> str:
        """The name of the scenario whose flows, stocks and licences are shown."""
        return self.of(self.definition.focus).scenario.name

    def content(self) -> dict[str, Any]:
        """What the definition says of what is solved and shown."""
        return {k: v for k, v in self.definition.content().items() if k not in UNSHOWN}

    @property
    def key(self) -> str:
        """The name of the report by its content: an equal key means that nothing is to be done.

        The ids of the runs cover scenarios and data.
        """
        used = {k: v for k, v in versions().items() if k != "python"}
        return identity(
            {
                "definition": self.content(),
                "runs": {one.scenario.name: one.id for one in self.wanted},
                "bands": {o.scenario.name: [e.id for e in o.band.values()] for o in self.wanted},
                "versions": used,
                "page": PAGE,
            }
        )


UNSHOWN = ("every", "retention", "data", "overlays")
"""Keys that a report does not follow from; what lies in the data folders counts, not where."""


@dataclass
class DataCache:
    """Data that are read once, whoever asks for them."""

    found: dict[tuple[Path | None, tuple[Path, ...]], Tables] = field(default_factory=dict)
    _words: dict[str, Vocabulary] = field(default_factory=dict)

    def tables(self, data: Path | None, overlays: Sequence[Path]) -> Tables:
        """Read a data folder with its overlays.

        Raises:
            InvalidInput: with every problem.
        """
        key = (data, tuple(overlays))
        if key not in self.found:
            self.found[key] = read_tables(data, overlays)
        return self.found[key]

    def words(self, tables: Tables) -> Vocabulary:
        """The words of tables that scenarios may use."""
        if tables.hash not in self._words:
            self._words[tables.hash] = read_vocabulary(tables)
        return self._words[tables.hash]


def make_plan(definition: Definition, day: date, ground: Ground, library: DataCache) -> Plan:
    """Resolve a definition on a day.

    Raises:
        InvalidInput: the definition, a scenario or the data are wrong; with every problem.
    """
    problems: list[Problem] = []
    wanted: list[Wanted] = []
    requests = requests_of(definition, day, ground)
    try:
        tables = library.tables(requests[0].data, requests[0].overlays)
    except InvalidInput as error:
        raise InvalidInput("The data are not valid.", [*own(definition), *error.problems]) from None
    check_words(definition, words_of(tables))
    for place, (word, request) in enumerate(zip(definition.part.scenarios, requests, strict=True)):
        address = definition.at("scenarios", place)
        try:
            scenario = resolve(request, tables, library.words(tables))
        except NothingMatched as error:
            definition.document.report("REPORT-302", error.message, address)
            continue
        except InvalidInput as error:
            problems.extend(p for p in error.problems if p.file != WHERE_FROM)
            _check_set(definition, error.problems)
            continue
        others = [one for one in wanted if one.scenario.name == scenario.name]
        if any(other.word != word for other in others):
            message = f'another scenario of the list is called "{scenario.name}" too.'
            definition.document.report("REPORT-206", message, address)
        wanted.append(_wanted(word, request, scenario, tables))
    problems = [*own(definition), *dict.fromkeys(problems)]
    if problems:
        raise InvalidInput("The report definition is not valid.", problems)
    return Plan(definition, day, tables, tuple(wanted))


def _wanted(word: str, request: RunRequest, scenario: Scenario, tables: Tables) -> Wanted:
    ends = {kind: replace(request, allocation=kind, band=()) for kind in request.band}
    band = {
        kind: Wanted(word, one, scenario, id_of(one, scenario, tables))
        for kind, one in ends.items()
        if kind != request.allocation
    }
    return Wanted(word, request, scenario, id_of(request, scenario, tables), band)


def _check_set(definition: Definition, problems: Sequence[Problem]) -> None:
    """Report what is wrong with the changes on top where the definition makes them."""
    for found in problems:
        if found.file == WHERE_FROM:
            key = next((key for key in definition.part.set_ if f'"{key}"' in found.message), "")
            address = ("set", key) if key else ("set",)
            definition.document.report("REPORT-209", found.message, address, hint=found.hint)


def own(definition: Definition) -> Sequence[Problem]:
    """The problems of the definition's own file."""
    return invalid(definition.document.problems).problems


def words_of(tables: Tables) -> Mapping[str, Sequence[str]]:
    """The sectors and regions of the data."""
    sectors = dict.fromkeys(str(row["sector"]) for row in tables.records("segments"))
    regions = [str(row["region"]) for row in tables.records("regions")]
    return {"sector": list(sectors), "region": [WORLD, *regions]}


def requests_of(definition: Definition, day: date, ground: Ground) -> list[RunRequest]:
    """What is to be solved, one request for each scenario of the definition in its order."""
    part, here = definition.part, definition.path.parent
    horizon = part.horizon
    start = read_moment(horizon.start)(day) if horizon.start else ground.start
    named = here / expanded(part.data) if part.data else None
    data = ground.data if ground.data_first or named is None else named
    overlays = (*(here / expanded(word) for word in part.overlays), *ground.overlays)
    common = RunRequest(
        scenario="",
        folders=ground.folders,
        data=data,
        overlays=overlays,
        foresight=part.foresight or ground.foresight,
        allocation=part.allocation or ground.allocation,
        settings=part.set_,
        start=start,
        weeks=horizon.weeks or ground.weeks,
        threads=ground.threads,
        band=BAND_ENDS if part.band else (),
    )
    return [replace(common, scenario=_located(word, here)) for word in part.scenarios]


def _located(word: str, here: Path) -> str:
    """A scenario's name as it is; a path relative to the definition's folder."""
    path = Path(word)
    named = path.suffix not in SUFFIXES and len(path.parts) == 1
    return word if named else (here / expanded(word)).as_posix()
