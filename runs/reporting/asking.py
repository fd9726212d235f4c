"""From words, as people and scripts write them, to what a report is asked about."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from observability.models import CostSource, Node
from observability.models.rollup import RELEASED
from observability.reports.asked import CostFilter, Id, Period, QualityFilter, Unset, today
from reqplatform.errors import InvalidInput
from reqplatform.teams.models import Project, User
from runs.models import Specification, Subsystem

DEFAULT_DAYS = 30
_MONTH = re.compile(r"^([0-9]{4})-(0[1-9]|1[0-2])$")


@dataclass(frozen=True, slots=True)
class Words:
    """Everything optional. `month` is YYYY-MM; `first` and `last` are days; `subsystem` is a code
    or "none", `person` a user name or "none", `model` provider/model."""

    days: int | None = None
    month: str | None = None
    first: date | None = None
    last: date | None = None
    subsystem: str | None = None
    person: str | None = None
    node: str | None = None
    model: str | None = None
    source: str | None = None
    specification: UUID | None = None
    skill: str | None = None
    rule: str | None = None


def period(project: Project, words: Words, now: datetime) -> Period:
    """The last 30 days without a word about it. Raises InvalidInput for two periods at once."""
    said = [words.days is not None, words.month is not None, bool(words.first or words.last)]
    if sum(said) > 1:
        raise InvalidInput(
            "Give one period: days, or a month, or the first and the last day.", field="days"
        )
    if words.month is not None:
        found = _MONTH.match(words.month)
        if found is None or found[1] == "0000":
            raise InvalidInput(f"{words.month} is no month, such as 2026-11.", field="month")
        return Period.of_month(int(found[1]), int(found[2]))
    if words.first or words.last:
        if not words.first:
            raise InvalidInput("Say with which day the period begins, too.", field="first")
        return Period(words.first, words.last or max(words.first, today(project, now)))
    days = DEFAULT_DAYS if words.days is None else words.days
    return Period.of_days(days, today(project, now))


def cost_filter(project: Project, words: Words, now: datetime) -> CostFilter:
    """Raises InvalidInput for what the project does not have."""
    return CostFilter(
        project_id=project.pk,
        time_zone=project.time_zone,
        period=period(project, words, now),
        subsystem=_subsystem(project, words.subsystem),
        person=_person(words.person),
        node=_node(words.node),
        model=_model(words.model),
        source=_source(words.source),
    )


def quality_filter(project: Project, words: Words, now: datetime) -> QualityFilter:
    """Raises InvalidInput for what the project does not have."""
    specification = words.specification
    if specification is not None:
        rows = Specification.objects.filter(project=project, pk=specification)
        if not rows.exists():
            raise InvalidInput("The project has no such specification.", field="specification")
    return QualityFilter(
        project_id=project.pk,
        time_zone=project.time_zone,
        period=period(project, words, now),
        subsystem=_subsystem(project, words.subsystem),
        person=_person(words.person),
        specification=specification,
        skill=words.skill or None,
        rule=words.rule or None,
    )


def _subsystem(project: Project, code: str | None) -> Id:
    if not code:
        return None
    if code == Unset.NONE:
        return Unset.NONE
    rows = Subsystem.objects.filter(project=project)
    found: int | None = rows.filter(code=code.upper()).values_list("pk", flat=True).first()
    if found is None:
        known = ", ".join(rows.values_list("code", flat=True)[:20]) or "none yet"
        raise InvalidInput(
            f"The project has no subsystem {code}. It has: {known}.", field="subsystem"
        )
    return found


def _person(name: str | None) -> Id:
    """A stranger's name is answered as one that nobody has: with an empty report."""
    if not name:
        return None
    if name == Unset.NONE:
        return Unset.NONE
    return User.objects.filter(username=name).values_list("pk", flat=True).first() or -1


def _node(name: str | None) -> Node | None:
    if not name:
        return None
    if name not in Node.values:
        raise InvalidInput(f"The agents are {', '.join(Node.values)}.", field="node")
    return Node(name)


def _model(name: str | None) -> str | None:
    if name and "/" not in name:
        raise InvalidInput("Name a model as provider/model: openai/gpt-5-mini.", field="model")
    return name or None


def _source(name: str | None) -> str | None:
    if name and name not in {*CostSource.values, RELEASED}:
        known = ", ".join([*CostSource.values, RELEASED])
        raise InvalidInput(f"The sources of a cost are {known}.", field="source")
    return name or None
