"""Taking in a specification file: parse it first, then write all of it or nothing."""

import hashlib
from pathlib import PurePosixPath

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from reqplatform.errors import InvalidInput
from reqplatform.security.plain_text import one_line
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.permissions import require
from runs.documents import Document, DocumentRefused
from runs.documents.sandbox import parse_to_bytes
from runs.documents.serialise import from_bytes
from runs.models import Revision, RevisionContent, Specification


class SpecificationRefused(InvalidInput):
    """The file cannot be used; `code` says why for scripts: empty, encrypted, scanned, ..."""


def add_revision(
    user: User | None, project: Project, *, filename: str, content: bytes, title: str = ""
) -> Revision:
    """The revision of the specification `title` that this file is. Editors and above.

    A file that is there already is not stored again: `find_revision` says which one is returned. A
    new file without a title gets its own name for one. Raises SpecificationRefused with a sentence
    for the person.
    """
    require(user, project, Role.EDITOR)
    if found := find_revision(project, filename=filename, content=content, title=title):
        return found
    name = _name_of(filename)
    title = _title_of(name, title)
    digest = hashlib.sha256(content).hexdigest()
    same = Revision.objects.filter(
        specification__project=project, specification__title=title, sha256=digest
    )
    packed = _parse(name, content)
    document = from_bytes(packed)
    with transaction.atomic():
        specification, _ = Specification.objects.select_for_update().get_or_create(
            project=project, title=title
        )
        if known := same.first():  # somebody uploaded it while this one was parsed
            return known
        revision = Revision(
            specification=specification, filename=name[-255:], sha256=digest, uploaded_by=user
        )
        _store(revision, content, packed, document)
    return revision


def find_revision(
    project: Project, *, filename: str, content: bytes, title: str = ""
) -> Revision | None:
    """The revision that has these very bytes: of the specification `title`, or without one of any
    of the project, first of the one that is called like the file, else the last that was stored."""
    digest = hashlib.sha256(content).hexdigest()
    rows = Revision.objects.filter(specification__project=project, sha256=digest)
    rows = rows.select_related("specification").order_by("-created_at", "-pk")
    named: Revision | None = rows.filter(
        specification__title=_title_of(_name_of(filename), title)
    ).first()
    return named or (None if one_line(title) else rows.first())


def _name_of(filename: str) -> str:
    return one_line(PurePosixPath(filename.replace("\\", "/")).name) or "specification"


def _title_of(name: str, title: str) -> str:
    return (one_line(title) or PurePosixPath(name).stem.strip())[:200]


def _store(revision: Revision, content: bytes, packed: bytes, document: Document) -> None:
    """Save it as the last of its specification, with its file and what was parsed from it."""
    last = revision.specification.revisions.aggregate(last=Max("number"))["last"] or 0
    revision.number = last + 1
    revision.size = len(content)
    revision.media_type = document.media_type
    revision.pages = document.pages
    revision.language = document.language
    revision.warnings = list(document.warnings)
    revision.save(force_insert=True)
    RevisionContent.objects.create(revision=revision, original=content, document=packed)


def _parse(name: str, content: bytes) -> bytes:
    try:
        return parse_to_bytes(content, name, seconds=settings.SPECIFICATION_PARSE_SECONDS)
    except DocumentRefused as refusal:
        raise SpecificationRefused(str(refusal), code=refusal.code, field="file") from refusal
