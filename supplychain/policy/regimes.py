"""Controls, regimes and their parameters as the tables state them; the most specific row wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

from supplychain.dataset import Tables
from supplychain.dataset.table_types import ANY
from supplychain.errors import InvalidInput, problem

OPEN = "open"
"""The regime of everything that no entry of a timeline names."""

Key = tuple[str, str, str, str, str]
"""(regime, control, destination, end use, parameter)."""


@dataclass(frozen=True)
class Control:
    """A legal list: whose law it is, from when it can apply at all, and until when."""

    name: str
    title: str
    exporter: str
    announced: date
    effective: date
    until: date | None = None
    """When it ended; None while it has no end."""


@dataclass(frozen=True)
class Policy:
    """What the tables say about controls and regimes; values in canonical units."""

    controls: Mapping[str, Control]
    regimes: Mapping[str, str]
    """Regime to its name in reports."""
    parameters: Mapping[Key, float]

    def parameter(
        self, regime: str, control: str, destination: str, end_use: str, parameter: str
    ) -> float:
        """Return the most specific value: control counts before destination, that before end use.

        Raises:
            InvalidInput: no row, not even the one for ANY, gives the parameter.
        """
        choices = product((control, ANY), (destination, ANY), (end_use, ANY))
        for words in dict.fromkeys(choices):
            value = self.parameters.get((regime, *words, parameter))
            if value is not None:
                return value
        raise InvalidInput(
            "A regime is incomplete.",
            [
                problem(
                    "SCEN-501",
                    f'regime "{regime}" has no {parameter} for control "{control}", '
                    f'destination "{destination}", end use "{end_use}".',
                    file="data/regime_parameters.csv",
                    hint=f"Add a row {regime},ANY,ANY,ANY,{parameter}.",
                )
            ],
        )

    def with_parameters(self, changed: Mapping[Key, float]) -> Policy:
        """Return the same policy with some parameters replaced or added."""
        return replace(self, parameters={**self.parameters, **changed})


def read_policy(tables: Tables) -> Policy:
    """Read controls, regimes and parameters from checked tables; fitted values replace priors."""
    controls = {
        str(row["control"]): Control(
            name=str(row["control"]),
            title=str(row["name"]),
            exporter=str(row["exporter"]),
            announced=row["announced"],
            effective=row["effective"],
            until=row["until"],
        )
        for row in tables.records("controls")
    }
    regimes = {str(row["regime"]): str(row["name"]) for row in tables.records("regimes")}
    columns = ("regime", "control", "destination", "end_use", "parameter")
    parameters: dict[Key, float] = {}
    for name in ("regime_parameters", "fitted_parameters"):  # what was fitted lies on top
        for row in tables.records(name):
            regime, control, destination, end_use, parameter = (str(row[c]) for c in columns)
            parameters[regime, control, destination, end_use, parameter] = float(row["value"])
    return Policy(controls=controls, regimes=regimes, parameters=parameters)
