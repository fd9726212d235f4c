"""A source requirement where it stands in its document."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from reqplatform.teams.views.access import MemberRequest, access_to, signed_in
from runs.documents.serialise import from_bytes
from runs.models import RevisionContent, SourceRequirement, TraceLink, VersionState

CONTEXT = 600  # characters of the document shown before and after the passage


@dataclass(frozen=True, slots=True)
class Passage:
    """The document's text around a span: what is before it, the span itself, what follows."""

    before: str
    text: str
    after: str
    begins_early: bool  # the document has more text before
    ends_late: bool


@require_safe
@signed_in
def detail(request: MemberRequest, pk: int) -> HttpResponse:
    rows = SourceRequirement.objects.for_user(request.user).select_related(
        "extraction__revision__specification__project"
    )
    source = get_object_or_404(rows, pk=pk)
    siblings = rows.filter(extraction=source.extraction)
    specification = source.extraction.revision.specification
    links = (
        TraceLink.objects.for_user(request.user)
        .filter(parent=source)
        .exclude(child__status=VersionState.SUPERSEDED)
        .select_related("child__requirement", "child__run")
        .order_by("-child__run_id", "child__iteration", "child__ordinal")
    )
    return render(
        request,
        "runs/source.html",
        {
            "project": specification.project,
            "section": "specifications",
            "access": access_to(request, specification.project),
            "specification": specification,
            "revision": source.extraction.revision,
            "source": source,
            "passage": _passage(source),
            "links": links[:100],
            "previous": siblings.filter(ordinal__lt=source.ordinal).order_by("-ordinal").first(),
            "next": siblings.filter(ordinal__gt=source.ordinal).order_by("ordinal").first(),
        },
    )


def _passage(source: SourceRequirement) -> Passage | None:
    """None if the document isn't stored or isn't the one that the span was cut from."""
    stored = RevisionContent.objects.only("document").filter(revision=source.extraction.revision)
    content = stored.first()
    if content is None:
        return None
    text = from_bytes(bytes(content.document)).text
    if text[source.start : source.end] != source.text:
        return None
    first = max(0, source.start - CONTEXT)
    last = min(len(text), source.end + CONTEXT)
    return Passage(
        before=text[first : source.start],
        text=source.text,
        after=text[source.end : last],
        begins_early=first > 0,
        ends_late=last < len(text),
    )
