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

    The title defaults to the file's name. A file that the specification has already is not stored
    again: its revision is returned. Raises SpecificationRefused with a sentence for the person.
    """
    require(user, project, Role.EDITOR)
    name = one_line(PurePosixPath(filename.replace("\\", "/")).name) or "specification"
    title = (one_line(title) or PurePosixPath(name).stem.strip())[:200]
    digest = hashlib.sha256(content).hexdigest()
    same = Revision.objects.filter(
        specification__project=project, specification__title=title, sha256=digest
    )
    if known := same.first():
        return known
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
