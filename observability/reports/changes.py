"""What was no longer as before when results became worse."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from observability.reports.cusum import Fall

WINDOW = 20  # runs before the sum's last zero
LATE = 3
SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Result:
    """A judged run, and what it was made with. `domain`: the score that it has with a domain."""

    run_id: UUID
    at: datetime
    on: date  # in the project's time zone
    subsystem: int | None
    skills: str  # slug@version, separated by spaces
    route: str
    specification: UUID | None
    revision: UUID | None
    threshold: float | None
    domain: float | None
    overall: float
    passed: bool


class What(StrEnum):
    """The nearest to the agents first. A skill's version is its prompt."""

    SKILL = "skill"
    MODEL = "model"
    DOMAIN = "domain"
    THRESHOLD = "threshold"
    SPECIFICATION = "specification"
    REVISION = "revision"


@dataclass(frozen=True, slots=True)
class Change:
    """`after` is what most of the later runs were made with, `before` what most of those before the
    onset were. `since` is the first run with it, `distance` runs after the onset (before it, if
    negative). Scores are the means of the runs around the onset with either; None without any."""

    what: What
    before: str
    after: str
    since: datetime
    run_id: UUID
    distance: int
    score_before: float | None
    score_after: float | None

    def text(self, names: Mapping[int | str, str]) -> str:
        """ "skill decomposition@3 to decomposition@4 on 3 Oct 2026, at the onset". `names`: of
        specifications and revisions, by their ids as texts."""
        runs = f"{abs(self.distance)} run{'s' if abs(self.distance) > 1 else ''}"
        near = "at the onset" if not self.distance else f"{runs} after the onset"
        near = f"{runs} before the onset" if self.distance < 0 else near
        on = f"{self.since.day} {self.since:%b %Y}"
        before, after = (names.get(one, one) or "none" for one in (self.before, self.after))
        return f"{self.what} {before} to {after} on {on}, {near}"


Domains = Callable[[Collection[UUID]], Mapping[UUID, str]]
_domains: list[Domains] = []


def register_domains(reader: Domains) -> None:
    """`reader` tells the version of the domain that runs followed, by their ids; runs that followed
    none are not in it. Without a reader only whether there was a domain is known."""
    _domains[:] = [reader]


def domains_of(runs: Collection[UUID]) -> Mapping[UUID, str] | None:
    """By run, as the reader that is registered tells it; None without one."""
    return _domains[0](runs) if _domains else None


def around(results: Sequence[Result], fall: Fall) -> Sequence[Result]:
    """The runs that are looked at: some before the onset, and all since."""
    return results[max(fall.begin, fall.zero - WINDOW) : fall.at + 1]


def changes(
    results: Sequence[Result], fall: Fall, domains: Mapping[UUID, str] | None = None
) -> tuple[Change, ...]:
    """What changed near the onset of a fall of these results; the nearest to it first. `domains`:
    the version that each run followed, by its id.

    Named is what most of the last third of the runs since the onset, of three at least, were made
    with, if their share is by half or more above that of the 20 runs before the sum left zero.
    Specifications that differ from run to run are no change by that.
    """
    rows = around(results, fall)
    onset = len(rows) - (fall.at + 1 - fall.onset)
    usual = onset - (fall.onset - fall.zero)
    told = [_traits(one, _domain(one, domains)) for one in rows]
    found = []
    for key in dict.fromkeys(key for traits in told for key in traits):
        values = [traits.get(key, "") for traits in told]
        late = values[-max(LATE, (len(values) - onset) // 3) :]
        after, count = Counter(late).most_common(1)[0]
        before = Counter(values[:usual]).most_common(1)[0][0]
        share = count / len(late) - values[:usual].count(after) / usual
        if after == before or share < SHARE:
            continue
        found.append(_change(key[0], before, after, values, rows, onset))
    order = list(What)
    return tuple(sorted(found, key=lambda one: (abs(one.distance), order.index(one.what))))


def _change(
    what: What, before: str, after: str, values: list[str], results: Sequence[Result], onset: int
) -> Change:
    first = values.index(after)

    def mean(value: str) -> float | None:
        scores = [one.overall for one, has in zip(results, values, strict=True) if has == value]
        return sum(scores) / len(scores) if scores else None

    return Change(
        what=what,
        before=before,
        after=after,
        since=results[first].at,
        run_id=results[first].run_id,
        distance=first - onset,
        score_before=mean(before),
        score_after=mean(after),
    )


def _domain(one: Result, domains: Mapping[UUID, str] | None) -> str:
    if domains is None:
        return "" if one.domain is None else "a domain"
    return domains.get(one.run_id, "")


def _traits(one: Result, domain: str) -> dict[tuple[What, str], str]:
    """What a run was made with, by what that is; skills by their slugs."""
    found = {(What.SKILL, label.partition("@")[0]): label for label in one.skills.split()}
    found[What.MODEL, ""] = one.route
    found[What.DOMAIN, ""] = domain
    found[What.THRESHOLD, ""] = "" if one.threshold is None else f"{one.threshold:.3f}"
    found[What.SPECIFICATION, ""] = str(one.specification or "")
    found[What.REVISION, ""] = str(one.revision or "")
    return found
