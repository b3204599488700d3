"""The stable code of every problem of an ensemble's definition, with what it means.

Keys, kinds of value and words of changes have the codes of scenarios (see docs/scenarios.md).
"""

from __future__ import annotations

CODES: dict[str, str] = {
    "ENS-101": "the base scenario cannot be read",
    "ENS-102": "the horizon is incomplete or does not start on a Monday",
    "ENS-103": "there are more pairs than members, or pairs without paths",
    "ENS-104": "nothing is uncertain",
    "ENS-201": "a distribution lacks a number or has one too many",
    "ENS-202": "the numbers of a distribution are out of order",
    "ENS-203": "an input does not say what it moves, or says so twice",
    "ENS-204": "an input has no distribution, or not one that fits",
    "ENS-301": "a table cannot be moved",
    "ENS-302": "rows cannot be chosen by this key",
    "ENS-303": "a word is in no row",
    "ENS-304": "no row is chosen",
    "ENS-305": "a row has no range, or none of the rows can move",
    "ENS-306": "a drawn number would be outside what is possible",
    "ENS-307": "the unit of a drawn number does not fit",
    "ENS-401": "two inputs move one row",
    "ENS-402": "two inputs have one name",
    "ENS-403": "a group has one input only, or the name of another input",
    "ENS-501": "a state has no regime",
    "ENS-502": "a track is not in the data",
    "ENS-503": "a multiplier is there twice or leads nowhere",
    "ENS-504": "an expiry lies outside the horizon or leads nowhere",
    "ENS-601": "some members are solved already, and neither --resume nor --force is given",
    "ENS-602": "a member was not solved",
    "ENS-603": "no member was solved",
    "ENS-604": "rows of a member are missing",
    "ENS-605": "the screening asked for cannot be",
    "ENS-606": "too little of a screening was solved",
}
"""1xx the whole; 2xx distributions; 3xx rows; 4xx between inputs; 5xx paths; 6xx solving."""
