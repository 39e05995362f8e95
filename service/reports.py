"""Readers' reports → weight of evidence. Pure: no clock, no store, no settings.

A report hides nothing. What it counts follows from how often reviewers agreed with its reporter about that reason,
shrunk towards how often they agree with the site's readers at all (a beta prior), and less where it comes from somebody
never found right, in a crowd, or from somebody who reports all day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

SITE_PRIOR: Final = 20
"""Reviews of reports that a site's mean starts with, half of them agreeing: one careless crowd moves it little."""
REPORTER_PRIOR: Final = 4
"""Reviews of reports, at the site's mean, that a reporter's record starts with."""
NEW_WEIGHT: Final = 0.3
"""Share of its weight that a report keeps whose reporter was never found right; after three times it is whole."""
CROWD: Final = 5
"""Reports of one comment for one reason within the hour, beyond which more of them count less."""
BUSY: Final = 20
"""Reports by one reporter within the day, beyond which more of them count less."""
OVERLAP: Final = 0.5
"""What each further report still adds: readers see the same comment and each other's opinion."""


@dataclass(frozen=True, slots=True)
class Record:
    """How often reviewers agreed with somebody's reports for one reason, and how often not."""

    agreed: int = 0
    disagreed: int = 0

    @property
    def reviewed(self) -> int:
        """How many reports it stands on."""
        return self.agreed + self.disagreed


def trust(record: Record, site: Record) -> float:
    """The chance that a reviewer agrees: the mean of a beta distribution around the site's own."""
    mean = (site.agreed + SITE_PRIOR / 2) / (site.reviewed + SITE_PRIOR)
    return (record.agreed + REPORTER_PRIOR * mean) / (record.reviewed + REPORTER_PRIOR)


def weight(record: Record, site: Record, *, in_the_hour: int, of_reporter: int) -> float:
    """What a report counts, 0 to 1.

    ``in_the_hour`` reports of the same comment for the same reason came within the hour before it, and ``of_reporter``
    reports of anything came from its reporter within the day before it.
    """
    known = min(1.0, NEW_WEIGHT + (1 - NEW_WEIGHT) * record.agreed / 3)
    crowd = 1.0 if record.agreed else min(1.0, CROWD / (in_the_hour + 1)) ** 0.5
    busy = min(1.0, BUSY / (of_reporter + 1))
    return trust(record, site) * known * crowd * busy


def evidence(weights: Iterable[float]) -> float:
    """What the open reports for one reason say together, 0 to 1: the heaviest in full, each further one half as much.

    So a crowd of strangers never weighs more than two of them, and one reader who is right all the time is heard alone.
    """
    doubt, share = 1.0, 1.0
    for one in sorted(weights, reverse=True):
        doubt *= 1 - one * share
        share *= OVERLAP
    return 1 - doubt
