"""Allocated statements against the component that each names, in the sets that `linked` reads.

Of a component nothing is told but its name, and of a statement nothing but its words: no section,
no title. Each belongs to one component; one that is allocated to several is found several times.
"""

from collections.abc import Iterator
from pathlib import Path

from runs.analyst.allocate import analyze
from runs.evaluating.linked import AllocationSet, allocation_sets
from runs.evaluating.scores import Score
from runs.requests import AnalyzeRequest, RequirementType, SourceIn, SubsystemIn


def allocation(folder: Path) -> Iterator[Score]:
    return map(_score, allocation_sets(folder))


def _score(one: AllocationSet) -> Score:
    names = sorted({component for _, component in one.statements})
    parts = [SubsystemIn(code=f"SUB{n}", name=name) for n, name in enumerate(names)]
    sources = [
        SourceIn(ref=ref, statement=statement, type=RequirementType.FUNC)
        for ref, (statement, _) in enumerate(one.statements)
    ]
    found = hits = 0
    for part in parts:
        others = [other for other in parts if other is not part]
        request = AnalyzeRequest(subsystem=part, siblings=others, requirements=sources)
        own = [each.ref for each in analyze(request, {}).allocations if each.allocated]
        found += len(own)
        hits += sum(one.statements[ref][1] == part.name for ref in own)
    return Score(one.name, hits, found, len(one.statements))
