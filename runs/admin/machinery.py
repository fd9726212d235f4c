"""What keeps runs going: checkpoints, and the task queue's own rows for superusers."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django_q import admin as queue_admin
from django_q.models import Failure, OrmQ, Schedule, Success
from unfold.admin import ModelAdmin

from reqplatform.teams.admin_base import RecordAdmin, ScopedRelatedFilter, SuperuserOnly
from runs.models import Checkpoint, CheckpointWrite


@admin.register(Checkpoint)
class CheckpointAdmin(RecordAdmin):
    """The steps that a run can go on from. Their bytes are never loaded here."""

    list_display = ("checkpoint_id", "run", "namespace", "size", "created_at")
    list_filter = (("run__project", ScopedRelatedFilter), "created_at")
    search_fields = ("=run__id", "checkpoint_id")
    ordering = ("-id",)
    list_select_related = ("run",)
    readonly_fields = ("size",)
    fields = (
        "run",
        "namespace",
        "checkpoint_id",
        "parent_id",
        "encoding",
        "size",
        "metadata",
        "created_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Checkpoint]:
        rows: QuerySet[Checkpoint] = super().get_queryset(request)
        return rows.defer("state").annotate(state_bytes=Length("state"))

    @admin.display(description="Size", ordering="state_bytes")
    def size(self, row: Any) -> str:
        return filesizeformat(row.state_bytes)


@admin.register(CheckpointWrite)
class CheckpointWriteAdmin(RecordAdmin):
    list_display = ("checkpoint_id", "run", "channel", "position", "size")
    list_filter = (("run__project", ScopedRelatedFilter), "channel")
    search_fields = ("=run__id", "checkpoint_id", "task_id")
    ordering = ("-id",)
    list_select_related = ("run",)
    readonly_fields = ("size",)
    fields = (
        "run",
        "namespace",
        "checkpoint_id",
        "task_id",
        "task_path",
        "position",
        "channel",
        "encoding",
        "size",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[CheckpointWrite]:
        rows: QuerySet[CheckpointWrite] = super().get_queryset(request)
        return rows.defer("content").annotate(content_bytes=Length("content"))

    @admin.display(description="Size", ordering="content_bytes")
    def size(self, row: Any) -> str:
        return filesizeformat(row.content_bytes)


QUEUED = [OrmQ] if "orm" in settings.Q_CLUSTER else []  # Redis keeps what waits to itself

for row in (Success, Failure, Schedule, *QUEUED):
    admin.site.unregister(row)


@admin.register(Success)
class SuccessAdmin(SuperuserOnly, queue_admin.TaskAdmin, ModelAdmin):  # type: ignore[misc]
    """Tasks that went well, in the admin's own dress."""


@admin.register(Failure)
class FailureAdmin(SuperuserOnly, queue_admin.FailAdmin, ModelAdmin):  # type: ignore[misc]
    pass


@admin.register(Schedule)
class ScheduleAdmin(SuperuserOnly, queue_admin.ScheduleAdmin, ModelAdmin):  # type: ignore[misc]
    pass


class QueueAdmin(SuperuserOnly, queue_admin.QueueAdmin, ModelAdmin):  # type: ignore[misc]
    pass


admin.site.register(QUEUED, QueueAdmin)
