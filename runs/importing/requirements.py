"""Requirements that a team has already, with parents in a specification that was read here."""

import re
from collections import defaultdict
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from observability.sheets.importing import MOST_ROWS, ActionResource, Change
from reqplatform.errors import InvalidInput
from reqplatform.security.plain_text import lines, one_line
from runs.actions.import_requirements import Brought, import_requirements
from runs.models import (
    Extraction,
    Requirement,
    RequirementVersion,
    Run,
    SourceRequirement,
    Subsystem,
)
from runs.requests import Relationship, RequirementType, Verification

LONGEST = 30  # characters of an identifier
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_BETWEEN = re.compile(r"[;,\n]")

E = TypeVar("E", bound=StrEnum)


class RequirementResource(ActionResource):
    """One that the project has already is left as it is if the file says the same, and else an
    error: nothing is overwritten."""

    columns = (
        "identifier", "text", "type", "parents", "relationship", "verification_method",
        "rationale", "acceptance_criteria",
    )  # fmt: skip
    required = ("identifier", "text", "type", "parents", "verification_method")
    most_rows = MOST_ROWS

    def __init__(
        self, extraction: Extraction, subsystem: Subsystem, filename: str = "a file", **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.extraction, self.subsystem = extraction, subsystem
        self.filename = one_line(filename)[:120]
        self.run: Run | None = None
        self.brought: list[Brought] = []
        self.sources: dict[str, list[SourceRequirement]] = {}
        self.known: dict[str, dict[str, str]] = {}
        self.seen: set[str] = set()

    @classmethod
    def get_display_name(cls) -> str:
        return "Requirements"

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self.brought, self.seen = [], set()
        sources = defaultdict(list)
        rows = SourceRequirement.objects.for_user(kwargs["user"]).filter(extraction=self.extraction)
        for row in rows:
            sources[row.key].append(row)
        self.sources = dict(sources)
        place = dataset.headers.index("identifier")
        named = {str(row[place] or "").strip() for row in dataset}
        self.known = _known(self.subsystem, named)

    def act(self, row: Mapping[str, str], user: Any) -> Change:
        one = self._brought(row)
        after = _texts(one)
        if one.identifier in self.seen:
            raise InvalidInput(f"The file has {one.identifier} twice.", field="identifier")
        self.seen.add(one.identifier)
        before = self.known.get(one.identifier)
        if before is None:
            self.brought.append(one)
            return Change(one.identifier, None, after)
        differs = [name for name, text in before.items() if after[name] != text]
        if differs:
            raise InvalidInput(
                f"The project has {one.identifier} already, with another {', '.join(differs)} "
                f"(“{before[differs[0]][:80]}”). An import overwrites nothing: leave the row out, "
                "or give it another identifier.",
                field=differs[0],
            )
        return Change(one.identifier, after, after)

    def after_import(self, dataset: Any, result: Any, **kwargs: Any) -> None:
        if result.has_errors() or result.has_validation_errors() or not self.brought:
            return
        self.run = import_requirements(
            kwargs["user"], self.extraction, self.subsystem, self.brought, self.filename
        )

    def _brought(self, row: Mapping[str, str]) -> Brought:
        identifier, text = row["identifier"], lines(row["text"])
        if not _IDENTIFIER.fullmatch(identifier) or len(identifier) > LONGEST:
            raise InvalidInput(
                f"An identifier has 1 to {LONGEST} letters, digits and . _ / - , such as "
                "NAV-FUNC-001.",
                field="identifier",
            )
        if not text:
            raise InvalidInput("The requirement says nothing: give its text.", field="text")
        rationale = lines(row.get("rationale", ""))
        criteria = lines(row.get("acceptance_criteria", "")).splitlines()
        return Brought(
            identifier=identifier,
            text=text,
            type=_one_of(RequirementType, row["type"].upper(), "type"),
            parents=self._parents(row["parents"]),
            relationship=_one_of(
                Relationship,
                row.get("relationship", "").lower() or Relationship.DECOMPOSES,
                "relationship",
            ),
            verification=_one_of(
                Verification, row["verification_method"].lower(), "verification_method"
            ),
            rationale=rationale or f"As it stands in {self.filename}.",
            criteria=tuple(line.strip() for line in criteria if line.strip()),
        )

    def _parents(self, said: str) -> tuple[SourceRequirement, ...]:
        names = list(dict.fromkeys(name.strip() for name in _BETWEEN.split(said) if name.strip()))
        if not names:
            raise InvalidInput(
                "It has no parent. Name one or more source requirements, with ; between them.",
                field="parents",
            )
        found = []
        for name in names:
            rows = self.sources.get(name, [])
            if len(rows) != 1:
                problem = (
                    f"{name} names {len(rows)} of its source requirements"
                    if rows
                    else f"it has no source requirement {name}"
                )
                raise InvalidInput(
                    f"Of {self.extraction.revision}, {problem}. The list of its source "
                    "requirements says what they are called.",
                    field="parents",
                )
            found.append(rows[0])
        return tuple(found)


def _known(subsystem: Subsystem, named: set[str]) -> dict[str, dict[str, str]]:
    """What the project's requirements of these identifiers say in their last versions."""
    known: dict[str, dict[str, str]] = {}
    wanted = sorted(named)
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        there = Requirement.objects.filter(project=subsystem.project_id, identifier__in=part)
        for identifier, code in there.values_list("identifier", "subsystem__code"):
            known[identifier] = {"subsystem": code, "text": "", "type": "", "parents": ""}
        versions = RequirementVersion.objects.filter(
            requirement__project=subsystem.project_id, requirement__identifier__in=part
        )
        rows = versions.select_related("requirement").prefetch_related("trace_links__parent")
        for row in rows.order_by("pk"):
            parents = sorted(link.parent.key for link in row.trace_links.all())
            said = {"text": row.text, "type": row.type, "parents": "; ".join(parents)}
            known[row.requirement.identifier].update(said)
    for said in known.values():
        code = said.pop("subsystem")
        if code != subsystem.code:
            said["text"] = f"it is a requirement of {code}"
    return known


def _texts(one: Brought) -> dict[str, str]:
    return {
        "identifier": one.identifier,
        "text": one.text,
        "type": one.type.value,
        "parents": "; ".join(sorted(parent.key for parent in one.parents)),
        "relationship": one.relationship.value,
        "verification_method": one.verification.value,
        "rationale": one.rationale,
        "acceptance_criteria": "\n".join(one.criteria),
    }


def _one_of(kind: type[E], said: str, field: str) -> E:
    if said not in set(kind):
        known = ", ".join(item.value for item in kind)
        what = f"“{said}” is none" if said else "It is missing"
        raise InvalidInput(f"{what}: one of {known}.", field=field)
    return kind(said)
