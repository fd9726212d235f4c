"""How estimates read on pages."""

from django import template

from observability.langsmith import HEURISTIC

register = template.Library()


@register.simple_tag
def heuristic() -> str:
    """What stands beside every estimated total."""
    return HEURISTIC


@register.filter
def about(number: float) -> str:
    """A number nobody knows exactly, to two digits: 17,855 is "18,000", 1.08 is "1.1"."""
    return f"{float(f'{number:.2g}'):,.10g}"
