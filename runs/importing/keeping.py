"""Where a file is between its preview and the import: django-import-export's storage, in the
database, so that it does not matter which machine is asked next."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone
from import_export.tmp_storages import BaseStorage

from reqplatform.errors import Conflict
from reqplatform.teams.models import User
from runs.models import KeptFile

KEPT = timedelta(days=1)
GONE = "The file is not here any more: it was imported, or a day has passed. Upload it again."


class KeptFileStorage(BaseStorage):  # type: ignore[misc]
    """Of the admin's import, which names the file by its random id."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.name: str = kwargs.get("name") or str(uuid4())

    def save(self, content: bytes) -> None:
        KeptFile.objects.create(pk=UUID(self.name), content=content)

    def read(self) -> bytes:
        return bytes(_found(self.name).content)

    def remove(self) -> None:
        _found(self.name).delete()


def _found(name: str, **more: Any) -> KeptFile:
    try:
        row = KeptFile.objects.filter(pk=UUID(name), **more).first()
    except ValueError:
        row = None
    if row is None or row.created_at < timezone.now() - KEPT:
        raise Conflict(GONE)
    return row


def keep(user: User, name: str, content: bytes) -> KeptFile:
    """Keep a file of this person's until they say what becomes of it."""
    return KeptFile.objects.create(owner=user, name=name[:200], content=content)


def kept_file(user: User, name: str) -> KeptFile:
    """The person's own of that id. Raises Conflict."""
    return _found(name, owner=user)


def purge_kept_files() -> int:
    """Remove those that nobody came back for; how many."""
    removed, _ = KeptFile.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    return removed
