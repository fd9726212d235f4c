"""Taking in a specification file: parse it first, then write all of it or nothing."""

import hashlib
from pathlib import PurePosixPath

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from reqplatform.errors import InvalidInput
from reqplatform.teams.models import Project, Role, User
from reqplatform.teams.permissions import require
from runs.documents import Document, DocumentRefused, parse_safely
from runs.documents.serialise import to_bytes
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
    name = _shown(PurePosixPath(filename.replace("\\", "/")).name) or "specification"
    title = (_shown(title) or PurePosixPath(name).stem.strip())[:200]
    digest = hashlib.sha256(content).hexdigest()
    same = Revision.objects.filter(
        specification__project=project, specification__title=title, sha256=digest
    )
    if known := same.first():
        return known
    document = _parse(name, content)
    with transaction.atomic():
        specification, _ = Specification.objects.select_for_update().get_or_create(
            project=project, title=title
        )
        if known := same.first():  # somebody uploaded it while this one was parsed
            return known
        last = specification.revisions.aggregate(last=Max("number"))["last"] or 0
        revision: Revision = Revision.objects.create(
            specification=specification,
            number=last + 1,
            filename=name[-255:],
            media_type=document.media_type,
            size=len(content),
            sha256=digest,
            pages=document.pages,
            language=document.language,
            warnings=list(document.warnings),
            uploaded_by=user,
        )
        RevisionContent.objects.create(
            revision=revision, original=content, document=to_bytes(document)
        )
    return revision


def _shown(text: str) -> str:
    """A name in one line and without what cannot be seen: PostgreSQL stores no NUL and no lone
    surrogate, and a mark that turns the writing direction lets a name look like another.
    """
    return " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())


def _parse(name: str, content: bytes) -> Document:
    try:
        return parse_safely(content, name, seconds=settings.SPECIFICATION_PARSE_SECONDS)
    except DocumentRefused as refusal:
        raise SpecificationRefused(str(refusal), code=refusal.code, field="file") from refusal
