"""What a report's page is asked about: its address in the words of the API, checked by a form."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from django import forms
from django.http import QueryDict

from observability.models import CostSource, Grain, Node, SpanCost
from observability.models.rollup import RELEASED
from observability.reports.asked import PERIODS, CostFilter, QualityFilter, today
from observability.rollups import spans
from observability.shown import short_source
from reqplatform.errors import InvalidInput
from reqplatform.teams.models import Project, User
from runs.forms import show_refusal
from runs.models import Specification, Subsystem
from runs.reporting.asking import DEFAULT_DAYS, Words, cost_filter, quality_filter
from runs.reporting.names import people_of

F = TypeVar("F", CostFilter, QualityFilter)
_NONE = "none"


class ReportForm(forms.Form):
    """Which period and which part of a project. `days` and `month` come from links."""

    days = forms.IntegerField(required=False, widget=forms.HiddenInput)
    month = forms.CharField(required=False, max_length=7, widget=forms.HiddenInput)
    first = forms.DateField(
        label="From", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    last = forms.DateField(
        label="To", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    subsystem = forms.ChoiceField(label="Subsystem", required=False)
    person = forms.ChoiceField(label="Person", required=False)

    def __init__(self, asked: QueryDict, project: Project) -> None:
        super().__init__(asked)
        codes = Subsystem.objects.filter(project=project).order_by("code")
        pairs = [(row.code, str(row)) for row in codes.only("code", "name")]
        self._offer("subsystem", "All", pairs, "No subsystem")
        people = User.objects.filter(pk__in=people_of(project)).order_by("username")
        named = [(person.username, person.display_name) for person in people]
        self._offer("person", "Everybody", named, "Nobody")

    def _offer(
        self, name: str, all_of: str, pairs: list[tuple[str, str]], without: str = ""
    ) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        rest = [(_NONE, without)] if without else []
        field.choices = [("", all_of), *pairs, *rest]

    def clean(self) -> dict[str, Any]:
        """Days that somebody chose count more than the period of a link."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("first") or values.get("last"):
            values["days"] = values["month"] = None
        return values

    def words(self) -> Words:
        names = Words.__dataclass_fields__
        values = {k: None if v == "" else v for k, v in self.cleaned_data.items() if k in names}
        return Words(**values)

    @property
    def narrowing(self) -> bool:
        """Whether it asks for a part of the project only."""
        period = {"days", "month", "first", "last"}
        return any(v for k, v in getattr(self, "cleaned_data", {}).items() if k not in period)


class CostForm(ReportForm):
    node = forms.ChoiceField(label="Agent", required=False)
    model = forms.ChoiceField(label="Model", required=False)
    source = forms.ChoiceField(label="Source of the cost", required=False)

    def __init__(self, asked: QueryDict, project: Project) -> None:
        super().__init__(asked, project)
        self._offer("node", "All", [(node.value, str(node.label)) for node in Node])
        rows = SpanCost.objects.filter(spans.rows_ever([project.pk]), grain=Grain.ALL)
        known = rows.order_by().values_list("provider", "model").distinct()
        models = sorted(f"{provider}/{model}" for provider, model in known)
        self._offer("model", "All", [(name, name) for name in models])
        sources = [*CostSource.values, RELEASED]
        self._offer("source", "All", [(name, short_source(name)) for name in sources])


class QualityForm(ReportForm):
    specification = forms.TypedChoiceField(
        label="Specification", required=False, coerce=UUID, empty_value=None
    )
    skill = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)
    rule = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)

    def __init__(self, asked: QueryDict, project: Project) -> None:
        super().__init__(asked, project)
        rows = Specification.objects.filter(project=project).order_by("title")
        self._offer("specification", "All", [(str(row.pk), row.title) for row in rows])


@dataclass(frozen=True, slots=True)
class PeriodLink:
    """A period that one click gives: `days` or `month` for the address."""

    label: str
    days: int | None
    month: str | None
    current: bool


@dataclass(frozen=True, slots=True)
class Question(Generic[F]):
    """What the page answers. A form with errors is answered for the last 30 days of the whole
    project, and the page says what is wrong."""

    form: ReportForm
    asked: F
    periods: tuple[PeriodLink, ...]


def ask_cost(query: QueryDict, project: Project, now: datetime) -> Question[CostFilter]:
    return _ask(CostForm(query, project), cost_filter, project, now)


def ask_quality(query: QueryDict, project: Project, now: datetime) -> Question[QualityFilter]:
    return _ask(QualityForm(query, project), quality_filter, project, now)


def _ask(
    form: ReportForm,
    filter_of: Callable[[Project, Words, datetime], F],
    project: Project,
    now: datetime,
) -> Question[F]:
    words = _words(form)
    try:
        asked = filter_of(project, words, now)
    except InvalidInput as refusal:
        show_refusal(form, refusal)
        words = Words()
        asked = filter_of(project, words, now)
    return Question(form, asked, _periods(project, words, now))


def _words(form: ReportForm) -> Words:
    return form.words() if form.is_valid() else Words()


def _periods(project: Project, words: Words, now: datetime) -> tuple[PeriodLink, ...]:
    day = today(project, now)
    chosen = words.days or (None if words.month or words.first or words.last else DEFAULT_DAYS)
    days = [PeriodLink(f"{n} days", n, None, chosen == n) for n in PERIODS]
    months = [_month("This month", day, words), _month("Last month", _before(day), words)]
    return (*days, *months)


def _before(day: date) -> date:
    return day.replace(day=1) - timedelta(days=1)


def _month(label: str, day: date, words: Words) -> PeriodLink:
    name = f"{day:%Y-%m}"
    return PeriodLink(label, None, name, words.month == name)
