"""Addresses that a report's figures lead to, in the words that its form and the API understand."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from observability.reports.asked import CostFilter, Id, QualityFilter, Unset
from reqplatform.teams.models import Project
from runs.reporting.names import Names


@dataclass(frozen=True, slots=True)
class Links:
    project: Project
    names: Names

    def calls(self, asked: CostFilter) -> str:
        """The calls that a figure was added up from."""
        return self._to("runs:calls", cost_query(asked, self.names))

    def begun(self, asked: CostFilter) -> str:
        """The runs that a figure per run is about."""
        return self._to("runs:begun", cost_query(asked, self.names))

    def cost(self, asked: CostFilter) -> str:
        return self._to("runs:cost_report", cost_query(asked, self.names))

    def judged(self, asked: QualityFilter) -> str:
        """The judged runs that a figure was made from."""
        return self._to("runs:judged", quality_query(asked, self.names))

    def quality(self, asked: QualityFilter) -> str:
        return self._to("runs:quality_report", quality_query(asked, self.names))

    def _to(self, name: str, query: Mapping[str, str]) -> str:
        return f"{reverse(name, args=[self.project.slug])}?{urlencode(query)}"


def cost_query(asked: CostFilter, names: Names) -> dict[str, str]:
    return _said(
        asked,
        names,
        node=asked.node or "",
        model=asked.model or "",
        source=asked.source or "",
    )


def quality_query(asked: QualityFilter, names: Names) -> dict[str, str]:
    return _said(
        asked,
        names,
        specification=str(asked.specification or ""),
        skill=asked.skill or "",
        rule=asked.rule or "",
    )


def _said(asked: CostFilter | QualityFilter, names: Names, **more: str) -> dict[str, str]:
    values = {
        "first": asked.period.first.isoformat(),
        "last": asked.period.last.isoformat(),
        "subsystem": _word(asked.subsystem, names.subsystems),
        "person": _word(asked.person, names.usernames),
        **more,
    }
    return {name: value for name, value in values.items() if value}


def _word(value: Id, known: Mapping[int, str]) -> str:
    if value is None:
        return ""
    return Unset.NONE.value if value is Unset.NONE else known.get(int(value), "")
