"""What answering took in energy, estimated, in a period: by model, agent and subsystem.

The range of each call is EcoLogits' (`observability/energy.py`); calls of models that it does not
know are counted as unknown, not as nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from observability.reports.asked import CostFilter
from observability.reports.cost import Part, cost
from observability.reports.sums import Sum


@dataclass(frozen=True, slots=True)
class EnergyReport:
    """`due` calls that have ended are not added up yet."""

    asked: CostFilter
    total: Sum
    before: Sum
    by_model: tuple[Part, ...]
    by_node: tuple[Part, ...]
    by_subsystem: tuple[Part, ...]
    due: int

    @property
    def is_empty(self) -> bool:
        return not (self.total.calls or self.total.released_calls)


def energy(asked: CostFilter) -> EnergyReport:
    """The report of a project that its reader may see, as the caller has made sure."""
    report = cost(asked)
    return EnergyReport(
        asked=asked,
        total=report.total,
        before=report.before,
        by_model=_thirstiest(report.by_model),
        by_node=_thirstiest(report.by_node),
        by_subsystem=_thirstiest(report.by_subsystem),
        due=report.due,
    )


def _thirstiest(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Those with calls that were not released, the thirstiest first."""
    asked = (part for part in parts if part.sum.calls)
    return tuple(sorted(asked, key=lambda part: -part.sum.energy_high_wh))
