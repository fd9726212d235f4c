"""What the body of a request names, if the caller may see it; else 422 with what there is."""

from uuid import UUID

from django.db.models import QuerySet

from observability.llm.choosing import find_model
from reqplatform.errors import InvalidInput
from reqplatform.teams.authentication import SignedRequest
from reqplatform.teams.models import Project
from runs.actions.start import RunOptions
from runs.models import Revision, Subsystem
from runs.routers.schemas import RunChoices


def options_of(payload: RunChoices) -> RunOptions:
    """What a body says of a run. Raises InvalidInput for a model that there is not."""
    return RunOptions(
        quality_threshold=payload.quality_threshold,
        max_iterations=payload.max_iterations,
        review_strategy=payload.review_before_decompose,
        unattended=payload.unattended,
        model=find_model(payload.model) if payload.model else None,
        group=payload.group,
    )


def named_revision(request: SignedRequest, project: Project, revision_id: UUID) -> Revision:
    """The revision that a body names. Raises InvalidInput."""
    rows: QuerySet[Revision] = Revision.objects.for_user(request.auth)
    rows = rows.select_related("specification__project")
    found = rows.filter(specification__project=project, pk=revision_id).first()
    if found is None:
        raise InvalidInput(
            f"{project.name} has no such revision. Its specifications name the ids of theirs.",
            code="unknown_revision",
            field="revision",
        )
    return found


def named_subsystem(request: SignedRequest, project: Project, name: str) -> Subsystem:
    """The subsystem that a body names by its code or id. Raises InvalidInput."""
    rows: QuerySet[Subsystem] = Subsystem.objects.for_user(request.auth).filter(project=project)
    chosen = rows.filter(pk=int(name)) if name.isdigit() else rows.filter(code=name.upper())
    found = chosen.first()
    if found is None:
        codes = ", ".join(rows.order_by("code").values_list("code", flat=True)) or "none yet"
        raise InvalidInput(
            f"{project.name} has no subsystem {name}. Its subsystems: {codes}.",
            code="unknown_subsystem",
            field="subsystem",
        )
    return found
