"""The stable code of every problem that a scenario can have, with what it means."""

from __future__ import annotations

CODES: dict[str, str] = {
    "SCEN-101": "the file cannot be read as UTF-8 text",
    "SCEN-102": "the file is not well-formed YAML",
    "SCEN-103": "a key stands twice in one place",
    "SCEN-104": "an anchor, alias, merge or tag is used",
    "SCEN-105": "the file does not hold a scenario",
    "SCEN-106": "the file holds more than one document",
    "SCEN-201": "a key is unknown",
    "SCEN-202": "a key is missing",
    "SCEN-203": "a value cannot be what its key wants",
    "SCEN-204": "the name is not that of the file",
    "SCEN-205": "a scenario that is extended does not exist",
    "SCEN-206": "scenarios extend each other in a circle",
    "SCEN-207": "the horizon does not start on a Monday",
    "SCEN-208": "the foresight steps further than it looks",
    "SCEN-301": "a date lies outside the horizon",
    "SCEN-302": "dates are out of order",
    "SCEN-303": "an entry takes effect before the control can, or after it ended",
    "SCEN-401": "a word names nothing in the data",
    "SCEN-402": "a change has no such place",
    "SCEN-403": "a change does not say where",
    "SCEN-404": "a unit is unknown or measures something else",
    "SCEN-405": "a value is outside what is possible",
    "SCEN-406": "a change names nothing, or its kind knows no dates",
    "SCEN-407": "an entry of the timeline applies to no control",
    "SCEN-411": "two changes set one number",
    "SCEN-412": "two entries of a timeline set one regime",
    "SCEN-501": "a regime lacks a parameter",
    "SCEN-601": "a setting is badly written",
    "SCEN-602": "a setting names nothing that can be set",
    "SCEN-801": "two scenarios do not share a horizon, so `--why` cannot part their losses",
}
"""1xx the text; 2xx keys, values and files; 3xx dates; 4xx meaning; 5xx the data; 6xx settings;
8xx comparisons."""
