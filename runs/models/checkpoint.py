from typing import ClassVar

from django.db import models
from django.utils import timezone

from reqplatform.teams.models import ProjectScoped
from runs.models.run import Run


class Checkpoint(ProjectScoped):
    """LangGraph's state of a run after a step: ids and control values only, as strict msgpack."""

    project_path: ClassVar[str] = "run__project"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="checkpoints")
    namespace = models.CharField(max_length=200, blank=True)
    checkpoint_id = models.CharField(max_length=64)
    parent_id = models.CharField(max_length=64, blank=True)
    encoding = models.CharField(max_length=20)
    state = models.BinaryField()
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["run", "namespace", "-checkpoint_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "namespace", "checkpoint_id"], name="checkpoint_unique"
            )
        ]

    def __str__(self) -> str:
        return self.checkpoint_id


class CheckpointWrite(ProjectScoped):
    """What a task of a step wrote before the step's checkpoint was made."""

    project_path: ClassVar[str] = "run__project"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="checkpoint_writes")
    namespace = models.CharField(max_length=200, blank=True)
    checkpoint_id = models.CharField(max_length=64)
    task_id = models.CharField(max_length=64)
    task_path = models.CharField(max_length=300, blank=True)
    position = models.IntegerField()
    channel = models.CharField(max_length=200)
    encoding = models.CharField(max_length=20)
    content = models.BinaryField()

    class Meta:
        ordering = ["run", "checkpoint_id", "task_path", "task_id", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "namespace", "checkpoint_id", "task_id", "position"],
                name="checkpoint_write_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{self.checkpoint_id}/{self.task_id}/{self.position}"
