"""docs/rules.md, written from the rules' own definitions: `python -m runs.quality.rules_page`."""

import sys
from collections.abc import Iterable
from pathlib import Path

from runs.quality.finding import Dimension
from runs.quality.formula import COST
from runs.quality.precision import measured
from runs.quality.rules.registry import NOT_COVERED, SET_RULES, TEXT_RULES
from runs.quality.rules.rule import Rule, TextRule

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rules.md"

_HEAD = """\
# Quality rules

Written by `python -m runs.quality.rules_page` from the definitions in `runs/quality/rules/`; a test
fails when it is out of date. How findings become scores is in [quality.md](quality.md).

References are to INCOSE's Guide to Writing Requirements (GtWR, version 4), ISO/IEC/IEEE
29148:2018 and EARS (Mavin et al., RE'09), in our own words. The text rules cover English.

Precision is the share of a rule's findings in which a word stands that is labelled with the rule's
smell, on {date}, by `manage.py measure_rules`:
{basis}.
Where it says “not measured”, no labelled data has the rule's smell. [quality.md](quality.md) says
what the labels are, and where they mark something else than the rule.
"""


_DOMAIN = """
No labelled data comes with a domain, so the precision of none of these is measured. Four of them
compare texts with what the domain says, word by word: they are as right as it is. `undefined-term`
takes short forms in capitals and names of several capitalised words for terms, and errs on names
that need no definition.
"""


def page() -> str:
    """The whole page."""
    costs = ", ".join(f"{severity.value} {cost:g}" for severity, cost in COST.items())
    measurement = measured()
    head = _HEAD.format(date=measurement.date, basis=measurement.basis)
    parts = [head, f"\nA finding costs by its severity: {costs}.\n"]
    for dimension in Dimension:
        parts.append(f"\n## {dimension.value.capitalize()}\n")
        text_rules = [rule for rule in TEXT_RULES if rule.dimension is dimension]
        set_rules = [rule for rule in SET_RULES if rule.dimension is dimension]
        if dimension is NOT_COVERED.dimension:
            parts.append(_table("Before all others", [NOT_COVERED]))
        if dimension is Dimension.DOMAIN:
            parts.append(_DOMAIN)
        parts.append(_table("In one statement", text_rules))
        parts.append(_table("In a set of requirements and their parents", set_rules))
    return "".join(parts)


def _table(title: str, rules: Iterable[Rule]) -> str:
    rows = [_row(rule) for rule in rules]
    if not rows:
        return ""
    head = "| rule | severity | what it says | what to do | idea from | precision | example |\n"
    head += "|---|---|---|---|---|---|---|\n"
    return f"\n{title}:\n\n{head}{''.join(rows)}"


def _row(rule: Rule) -> str:
    example = rule.example if isinstance(rule, TextRule) else ""
    shown = example if len(example) <= 90 else example[:89] + "…"
    cells = (
        f"`{rule.id}`",
        rule.severity.value,
        rule.message,
        rule.suggestion.replace("{{", "{").replace("}}", "}"),
        rule.reference,
        str(rule.precision or "not measured"),
        shown,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"Wrote {PAGE}\n")
