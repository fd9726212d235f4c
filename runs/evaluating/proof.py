"""Does the proof notice when a part of a parent is left out?

Reads `specs/extraction_gold.csv` (document, text): requirements that experts marked. The embedded
analyst decomposes each; then every child of a parent with several is left out in turn.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from runs.analyst.decompose import decompose
from runs.evaluating.labelled import rows
from runs.evaluating.scores import Score
from runs.quality.proof import proofs
from runs.quality.requirement_set import RequirementSet
from runs.requests import (
    ChildIn,
    DecomposeRequest,
    ParentIn,
    RequirementType,
    Strategy,
    SubsystemIn,
    ValidateRequest,
)

_SUBSYSTEM = SubsystemIn(code="SYS", name="Examined System")
_STRATEGY = Strategy(allocation_rules=["all"], max_children_per_parent=50)


def proof(folder: Path) -> Iterator[Score]:
    """Expected are the parents with a child left out, found all in which something is lost: a loss
    in a parent whose children are complete is a false alarm, and a hit is a loss that is one.
    """
    statements: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows(folder / "specs" / "extraction_gold.csv"):
        statements[row["document"]].append(row["text"])
    for document, texts in sorted(statements.items()):
        hits = alarms = expected = 0
        for parent, children in _decomposed(texts):
            alarms += _is_lossy(parent, children)
            for left_out in children if len(children) > 1 else ():
                expected += 1
                hits += _is_lossy(parent, [one for one in children if one is not left_out])
        yield Score(document, hits, hits + alarms, expected)


def _decomposed(texts: Sequence[str]) -> Iterator[tuple[ParentIn, list[ChildIn]]]:
    parents = [
        ParentIn(ref=ref, statement=text, type=RequirementType.FUNC)
        for ref, text in enumerate(texts)
    ]
    request = DecomposeRequest(
        subsystem=_SUBSYSTEM, strategy=_STRATEGY, parents=parents, iteration=1
    )
    children: defaultdict[int, list[ChildIn]] = defaultdict(list)
    for ref, child in enumerate(decompose(request, {}).children):
        made = ChildIn(ref=ref, **child.model_dump())
        for source in made.parents:
            children[source].append(made)
    return ((parent, children[parent.ref]) for parent in parents if children[parent.ref])


def _is_lossy(parent: ParentIn, children: list[ChildIn]) -> bool:
    request = ValidateRequest(
        subsystem=_SUBSYSTEM,
        strategy=_STRATEGY,
        parents=[parent],
        children=[child.model_copy(update={"parents": [parent.ref]}) for child in children],
    )
    [found] = proofs(RequirementSet(request))
    return any(not line.is_carried for line in found.lines)
