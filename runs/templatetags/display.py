"""How values read on pages: scores, times, money, states and passages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from observability import shown
from observability.langsmith import better_figures
from observability.models import CallPurpose, ModelProfile
from observability.money import (
    column_left,
    column_usd,
    format_left,
    format_usd,
    limit_usd,
    plain_usd,
)
from observability.reports.costs import Taken
from observability.reports.windows import Mark
from reqplatform.teams.models import Project, User
from runs.exports.consolidated import codes_of
from runs.models import Allocation, CampaignState, Run, RunStatus, Tally
from runs.quality.formula import shown_score
from runs.quality.rules.registry import BY_ID

register = template.Library()


@dataclass(frozen=True, slots=True)
class Badge:
    word: str
    tone: str
    icon: str


_STATUS = {
    RunStatus.QUEUED: ("idle", "clock"),
    RunStatus.RUNNING: ("info", "running"),
    RunStatus.COMPLETED: ("idle", "check"),  # neutral: whether it is good, the gate says
    RunStatus.FAILED: ("bad", "alert"),
    RunStatus.CANCELLED: ("idle", "stop"),
    RunStatus.OUT_OF_BUDGET: ("bad", "wallet"),
    RunStatus.WAITING_REVIEW: ("wait", "person"),
}
_CAMPAIGN = {
    CampaignState.WORKING: ("info", "running"),
    CampaignState.WAITING_REVIEW: ("wait", "person"),
    CampaignState.COMPLETED: ("idle", "check"),
    CampaignState.ENDED: ("warn", "alert"),
}
_MARKS = {
    Mark.FREE: ("ok", "check"),
    Mark.WARNED: ("warn", "alert"),
    Mark.STOPPED: ("bad", "stop"),
}
_DETOURS = {
    CallPurpose.RETRY: ("retry", "retries"),
    CallPurpose.REPAIR: ("repair", "repairs"),
    CallPurpose.FALLBACK: ("fallback", "fallbacks"),
    CallPurpose.REPLAY: ("replay", "replays"),
}
_BUDGETS = "under Budgets"
_SEVERITY = {"critical": ("bad", "alert"), "major": ("warn", "info"), "minor": ("idle", "dot")}


@register.simple_tag
def status_badge(run: Run) -> Badge:
    tone, icon = _STATUS[RunStatus(run.status)]
    return Badge(run.get_status_display(), tone, icon)


@register.simple_tag
def campaign_badge(tally: Tally) -> Badge:
    tone, icon = _CAMPAIGN[tally.state]
    return Badge(str(tally.state.label), tone, icon)


@register.filter
def took(run: Run) -> str:
    """From its first start to its end, or until now while it works; a dash before."""
    if run.started_at is None:
        return "–"
    return lasted((run.finished_at or timezone.now()) - run.started_at)


@register.simple_tag
def owners(takers: list[Allocation]) -> list[str]:
    """The codes of the subsystems that take a source requirement."""
    return codes_of(takers)


@register.simple_tag
def gate_badge(passed: bool | None) -> Badge:
    """Passed, missed or not judged. A missed gate never looks like a passed one."""
    if passed is None:
        return Badge("Not judged", "idle", "dash")
    return Badge("Gate passed", "ok", "check") if passed else Badge("Gate missed", "bad", "cross")


@register.simple_tag
def severity_badge(severity: str) -> Badge:
    tone, icon = _SEVERITY.get(severity, ("idle", "dot"))
    return Badge(severity.capitalize(), tone, icon)


@register.filter
def score(value: float | Decimal | None, places: int = 2) -> str:
    """0 to 1, rounded down: what misses 0.80 never reads as 0.80. None is a dash."""
    return "–" if value is None else shown_score(float(value), places)


@register.filter
def threshold(value: Decimal | None) -> str:
    """0.80, or 0.805 where the third decimal says something."""
    return f"{value:.3f}".removesuffix("0") if value is not None else "–"


@register.filter
def percent(value: float | Decimal) -> str:
    """A share of 1 as SVG and people count it: 0 to 100 with one decimal."""
    return f"{float(value) * 100:.1f}"


@register.filter
def of(rows: Mapping[int, object], key: int) -> object:
    """What a mapping holds for a row, None if nothing."""
    return rows.get(key)


@register.filter
def precision(rule: str) -> str:
    """What was measured of a rule: "0.79 (101 of 128)", or "not measured"."""
    known = BY_ID.get(rule)
    return str((known and known.precision) or "not measured")


@register.filter
def thousands(number: int) -> str:
    """12,345"""
    return f"{number:,}"


@register.filter
def duration(milliseconds: float | None) -> str:
    """0.12 s, 4.1 s, 2 min 05 s, 1 h 02 min."""
    if milliseconds is None:
        return "–"
    seconds = milliseconds / 1000
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


@register.filter
def lasted(span: timedelta | None) -> str:
    return duration(None if span is None else span.total_seconds() * 1000)


@register.filter
def usd(nusd: int | None) -> str:
    """Nano-USD in dollars; unknown is not $0."""
    return "unknown" if nusd is None else format_usd(nusd)


@register.filter
def usd_left(nusd: int) -> str:
    """What is left, never rounded up."""
    return format_left(nusd)


@register.filter
def usd_column(nusd: int | None) -> str:
    """The same as `usd` in a column: always with four decimals."""
    return "unknown" if nusd is None else column_usd(nusd)


@register.filter
def usd_left_column(nusd: int) -> str:
    return column_left(nusd)


@register.filter
def usd_limit(nusd: int) -> str:
    """A limit as it was typed: "$5.00"."""
    return limit_usd(nusd)


@register.filter
def usd_typed(nusd: int | None) -> str:
    """A limit as people type it: "5.00"; "" for none."""
    return "" if nusd is None else f"{plain_usd(nusd):f}"


@register.simple_tag
def costs_shown() -> bool:
    """Whether this installation shows costs to people at all."""
    return shown.costs_are_shown()


@register.filter
def why_off(profile: ModelProfile) -> str:
    return shown.why_off(profile)


@register.simple_tag
def told(text: str, project: Project, user: User) -> SafeString:
    """A message for people, its "Budgets" a link to the page of them that the person can open."""
    before, found, after = text.partition(_BUDGETS)
    after = after.removeprefix(" in the admin")
    if shown.costs_are_shown():
        url = reverse("runs:budgets", args=[project.slug])
    elif user.is_staff:
        url = f"{reverse('admin:observability_budget_changelist')}?project__id__exact={project.pk}"
    else:
        url = ""
    if not (found and url):
        return format_html("{}", text)
    return format_html('{}under <a href="{}">Budgets</a>{}', before, url, after)


@register.simple_tag
def how_to_get_better_figures() -> str:
    return better_figures()


@register.simple_tag
def budget_badge(mark: Mark) -> Badge:
    tone, icon = _MARKS[mark]
    return Badge(mark.words, tone, icon)


@register.filter
def cost(taken: Taken) -> str:
    """What calls cost: "$0.0123", or "up to $0.0500" where the outcome of one is unknown."""
    return shown.bounded(taken.cost_nusd, taken.is_bound, column_usd)


@register.filter
def detours(taken: Taken) -> str:
    """ "2 retries, 1 repair, 1 refused at no cost": what there was beside first questions."""
    counted = [
        f"{number} {words[0] if number == 1 else words[1]}"
        for purpose, words in _DETOURS.items()
        if (number := taken.purposes.get(purpose, 0))
    ]
    if taken.released:
        counted.append(f"{taken.released} refused at no cost")
    return ", ".join(counted)


@register.filter
def energy(taken: Taken) -> str:
    """ "0.012 to 0.34 Wh", "unknown", or a dash where no model was asked that uses any. Calls that
    nobody knows the energy of are left out; the page says how many."""
    low, high = taken.energy_low_wh, taken.energy_high_wh
    return shown.energy_text(low, high, 0 if low is not None else taken.energy_unknown_calls)


@register.filter
def cost_sources(sources: list[str]) -> str:
    """Where costs come from, in a word each."""
    return ", ".join(map(shown.short_source, sources)) or "no model asked"


@register.simple_tag
def marked(text: str, start: int, end: int) -> SafeString:
    """`text` with the passage from `start` to `end` marked; nothing marked if the span is empty."""
    if not 0 <= start < end <= len(text):
        return format_html("{}", text)
    return format_html("{}<mark>{}</mark>{}", text[:start], text[start:end], text[end:])
