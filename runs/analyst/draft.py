"""A child requirement while it is being written."""

from dataclasses import dataclass, replace

from runs.requests import ChildOut, Pattern, Relationship, RequirementType, Verification


@dataclass(frozen=True, slots=True)
class Draft:
    parents: tuple[int, ...]
    text: str
    type: RequirementType
    pattern: Pattern
    relationship: Relationship
    rationale: str
    criteria: tuple[str, ...] = ()
    verification: Verification = Verification.TEST
    elsewhere: tuple[str, ...] = ()  # limits of the parent that bind another, for the criteria

    def out(self) -> ChildOut:
        return ChildOut(
            parents=list(self.parents),
            text=self.text,
            type=self.type,
            acceptance_criteria=list(self.criteria),
            rationale=self.rationale,
            verification=self.verification,
            pattern=self.pattern,
            relationship=self.relationship,
        )

    def because(self, reason: str) -> "Draft":
        """The same draft with one more sentence in its rationale; never the same one twice."""
        if reason in self.rationale:
            return self
        return replace(self, rationale=f"{self.rationale} {reason}".strip())


def merged(drafts: list[Draft]) -> list[Draft]:
    """Drafts that say the same become one child of all their parents, where the first stood."""
    by_text: dict[str, Draft] = {}
    for draft in drafts:
        key = " ".join(draft.text.lower().split())
        first = by_text.get(key)
        if first is None:
            by_text[key] = draft
        else:
            parents = (*first.parents, *(ref for ref in draft.parents if ref not in first.parents))
            by_text[key] = replace(first, parents=parents)
    return list(by_text.values())
