from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone


class KeptFile(models.Model):
    """A file that somebody has uploaded to import, between its preview and their word.

    In the database, because another machine may do the import than the one that showed the preview.
    Its id is random and known to whoever uploaded it; it is removed once it is imported, or after a
    day.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=200, blank=True)
    content = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name or "A file to import"
