"""Spans of 1, 4, 16 and 64 days.

Each begins on a day whose number (`date.toordinal`) can be divided by its length: so every span but
the shortest is four others.

A period of a year is covered by some twenty of them. Spans of several days are made once their last
day is over (`RollupState.closed_on`), and made anew when one of their days changes later.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import reduce
from itertools import groupby
from operator import or_
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q

from observability.models import RollupState

LENGTHS = (4, 16, 64)
_NONE = Q(pk__in=[])  # no row


class Span(NamedTuple):
    """So many days from `day` on."""

    days: int
    day: date

    @property
    def last(self) -> date:
        return self.day + timedelta(days=self.days - 1)

    @property
    def parts(self) -> "list[Span]":
        """The four that it is made of."""
        days = self.days // 4
        return [Span(days, self.day + timedelta(days=days * number)) for number in range(4)]


def moments(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """At which the first of these days begins and the last is over."""
    end = datetime.combine(last + timedelta(days=1), time(), tzinfo=zone)
    return datetime.combine(first, time(), tzinfo=zone), end


def around(day: date, days: int) -> Span:
    """The span of that length which has the day in it."""
    number = day.toordinal()
    return Span(days, date.fromordinal(max(1, number - number % days)))


def to_make(changed: Iterable[date], before: date | None, closed: date) -> list[Span]:
    """The spans of several days that must be made: those with a changed day, and those that have
    ended since `before`; short ones first."""
    found = {around(day, days) for day in changed for days in LENGTHS}
    day = closed if before is None else before
    while day < closed:
        day += timedelta(days=1)
        found |= {span for days in LENGTHS if (span := around(day, days)).last == day}
    return sorted(span for span in found if span.last <= closed)


def cover(first: date, last: date, closed: date | None) -> Iterator[Span]:
    """Spans that together are the days from the first to the last, as few as there are."""
    whole, day = min(last, closed or date.min), first
    while day <= last:
        spans = (around(day, days) for days in reversed(LENGTHS))
        longest = (span for span in spans if span.day == day and span.last <= whole)
        span = next(longest, Span(1, day))
        yield span
        day = span.last + timedelta(days=1)


def rows_of(spans: Sequence[Span]) -> Q:
    """The rows of these spans, in order and without a gap between them; at least one."""
    found = []
    for days, some in groupby(spans, key=lambda span: span.days):
        run = list(some)
        found.append(Q(days=days, day__range=(run[0].day, run[-1].day)))
    return reduce(or_, found)


def rows_in(periods: Mapping[int, tuple[date, date]]) -> Q:
    """The rows that together are the days of each of these projects, from the first to the last."""
    closed = _closed(periods)
    alike: dict[tuple[Span, ...], list[int]] = defaultdict(list)
    for project_id, (first, last) in periods.items():
        alike[tuple(cover(first, last, closed.get(project_id)))].append(project_id)
    found = [Q(project__in=some) & rows_of(spans) for spans, some in alike.items()]
    return reduce(or_, found, _NONE)


def _closed(projects: Collection[int]) -> dict[int, date | None]:
    """Of several projects, many have no call on most days: their dates are told as some that lie
    before, so that few differ. It is right as well, and takes a few rows more."""
    states = RollupState.objects.filter(pk__in=list(projects))
    found = dict(states.values_list("pk", "closed_on"))
    if len(projects) == 1:
        return found
    return {pk: day and around(day, 16).day - timedelta(days=1) for pk, day in found.items()}


def rows_ever(projects: Collection[int]) -> Q:
    """The rows that together are all days of these projects."""
    alike: dict[date | None, list[int]] = defaultdict(list)
    for project_id, closed in _closed(projects).items():
        alike[closed].append(project_id)
    found = [Q(project__in=some) & _until_now(closed) for closed, some in alike.items()]
    return reduce(or_, found, _NONE)


def _until_now(closed: date | None) -> Q:
    if closed is None:
        return Q(days=1)
    longest = LENGTHS[-1]
    opened = around(closed + timedelta(days=1), longest).day  # the first day not in a longest one
    rest = list(cover(opened, closed, closed))
    found = Q(days=longest, day__lt=opened) | Q(days=1, day__gt=closed)
    return found | rows_of(rest) if rest else found
