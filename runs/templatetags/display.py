"""How values read on pages: scores, times, money, states and passages."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from observability.models import CostSource
from observability.money import format_usd
from runs.models import Run, RunStatus
from runs.quality.formula import shown_score

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
    RunStatus.OUT_OF_BUDGET: ("warn", "wallet"),
    RunStatus.WAITING_REVIEW: ("wait", "person"),
}
_SEVERITY = {"critical": ("bad", "alert"), "major": ("warn", "info"), "minor": ("idle", "dot")}


@register.simple_tag
def status_badge(run: Run) -> Badge:
    tone, icon = _STATUS[RunStatus(run.status)]
    return Badge(run.get_status_display(), tone, icon)


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
def cost_sources(sources: list[str]) -> str:
    labels = dict(CostSource.choices)
    return ", ".join(str(labels.get(source, source)) for source in sources) or "no model asked"


@register.simple_tag
def marked(text: str, start: int, end: int) -> SafeString:
    """`text` with the passage from `start` to `end` marked; nothing marked if the span is empty."""
    if not 0 <= start < end <= len(text):
        return format_html("{}", text)
    return format_html("{}<mark>{}</mark>{}", text[:start], text[start:end], text[end:])
