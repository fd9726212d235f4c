from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from uuid_utils.compat import uuid7

from observability.models.model_profile import ModelProfile
from observability.models.node import Node
from reqplatform.teams.models import Project, ProjectScoped


class CallState(models.TextChoices):
    HELD = "held", "Held"
    SETTLED = "settled", "Settled"
    RELEASED = "released", "Released"
    UNCONFIRMED = "unconfirmed", "Unconfirmed"


class CostSource(models.TextChoices):
    """Where a call's cost comes from. Unknown is never $0."""

    METERED = "metered", "Metered by the provider"
    LANGSMITH = "langsmith", "Reconciled with LangSmith"
    INVOICE = "invoice", "Entered from the provider's bill"
    ESTIMATED = "estimated", "Estimated"
    UNCONFIRMED = "unconfirmed", "Unconfirmed"
    REPLAYED = "replayed", "Replayed"
    EMBEDDED = "embedded", "Embedded analyst"


class CallPurpose(models.TextChoices):
    """Why a call was made. All of them count."""

    ASK = "ask", "First question"
    RETRY = "retry", "Retry after a passing failure"
    REPAIR = "repair", "Repair of an answer that did not fit"
    FALLBACK = "fallback", "Another model, after one that failed"
    REPLAY = "replay", "Answer taken from the journal"


class LLMCall(ProjectScoped):
    """One attempt to ask one model: the journal, and so the ledger.

    HELD -> SETTLED         the answer arrived: its cost is booked
         -> RELEASED        it surely cost nothing (refused before it was sent)
         -> UNCONFIRMED     the outcome is unknown: it stays charged at its hold
    UNCONFIRMED -> SETTLED  the answer arrived late, or LangSmith or a person knew the cost
                -> RELEASED the provider did not bill it, a person found

    A settled call is found again by its request key, and its answer is replayed free of charge.
    Money is in nano-USD (1 USD = 10**9), tokens are in exclusive buckets.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # No index of their own where another begins with the same column, or where nothing looks calls
    # up by it alone: each one is written again with every answer.
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="llm_calls", db_index=False
    )
    run = models.ForeignKey(
        "runs.Run",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="llm_calls",
        db_index=False,
    )
    extraction = models.ForeignKey(
        "runs.Extraction",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="llm_calls",
        help_text="Extraction is paid once by the revision, not by the runs that share it.",
    )
    subsystem = models.ForeignKey(
        "runs.Subsystem",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    node = models.CharField(max_length=10, choices=Node.choices)
    iteration = models.PositiveSmallIntegerField(default=0)
    ordinal = models.PositiveIntegerField(default=0, help_text="The batch within the node, from 0.")
    skill = models.CharField(max_length=64, blank=True, help_text="slug@version")
    group = models.CharField(max_length=64, blank=True, help_text="Runs that share a budget.")
    purpose = models.CharField(max_length=8, choices=CallPurpose.choices, default=CallPurpose.ASK)

    profile = models.ForeignKey(ModelProfile, on_delete=models.PROTECT, related_name="calls")
    provider = models.CharField(max_length=20)
    model = models.CharField(max_length=120)
    request_key = models.CharField(max_length=64)
    prompt = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    answer = models.TextField(blank=True)
    pruned_at = models.DateTimeField(
        null=True, blank=True, help_text="When prompt and answer were removed, being old enough."
    )
    error = models.CharField(max_length=300, blank=True)

    state = models.CharField(max_length=12, choices=CallState.choices, default=CallState.HELD)
    cost_source = models.CharField(max_length=12, choices=CostSource.choices, blank=True)
    price = models.JSONField(
        null=True, blank=True, help_text="The rates it was booked at, and where they came from."
    )
    held_nusd = models.BigIntegerField(default=0)
    cost_nusd = models.BigIntegerField(null=True, blank=True)
    overrun = models.BooleanField(default=False, help_text="It cost more than was held for it.")
    repriced_nusd = models.BigIntegerField(
        null=True, blank=True, help_text="What it would cost at the prices of `repriced_at`."
    )
    repriced_at = models.DateTimeField(null=True, blank=True)
    input_fresh = models.BigIntegerField(default=0)
    cache_read = models.BigIntegerField(default=0)
    cache_write = models.BigIntegerField(default=0, help_text="Kept for 5 minutes.")
    cache_write_1h = models.BigIntegerField(default=0, help_text="Kept for an hour.")
    output = models.BigIntegerField(default=0)
    reasoning = models.BigIntegerField(default=0)
    raw_usage = models.JSONField(null=True, blank=True)
    energy_low_wh = models.FloatField(null=True, blank=True)
    energy_high_wh = models.FloatField(null=True, blank=True)

    traced = models.BooleanField(default=False, help_text="LangSmith was told of it.")
    langsmith_tokens_in = models.BigIntegerField(null=True, blank=True)
    langsmith_tokens_out = models.BigIntegerField(null=True, blank=True)
    langsmith_cost_nusd = models.BigIntegerField(null=True, blank=True)
    reconciled_at = models.DateTimeField(null=True, blank=True)

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="Nobody can still be waiting for its answer then."
    )
    finished_at = models.DateTimeField(null=True, blank=True)
    is_due = models.BooleanField(
        default=True, editable=False, help_text="It changed after it was added up in the totals."
    )

    class Meta:
        verbose_name = "LLM call"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["run", "node", "iteration"], name="call_run_node"),
            models.Index(fields=["request_key"], name="call_request_key"),
            models.Index(fields=["expires_at"], name="call_open", condition=Q(state="held")),
            models.Index(fields=["project", "created_at"], name="call_project_time"),
            models.Index(fields=["project", "id"], name="call_due", condition=Q(is_due=True)),
            models.Index(fields=["project"], name="call_overrun", condition=Q(overrun=True)),
        ]
        constraints = [
            models.CheckConstraint(
                name="call_money_not_negative",
                condition=Q(held_nusd__gte=0) & (Q(cost_nusd__isnull=True) | Q(cost_nusd__gte=0)),
            ),
            models.CheckConstraint(
                name="call_settled_has_cost",
                condition=~Q(state="settled") | (Q(cost_nusd__isnull=False) & ~Q(cost_source="")),
            ),
            models.CheckConstraint(
                name="call_belongs_somewhere",
                condition=Q(run__isnull=False) | Q(extraction__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_node_display()} · {self.model} · {self.get_state_display()}"

    @property
    def input_tokens(self) -> int:
        return self.input_fresh + self.cache_read + self.cache_write + self.cache_write_1h

    @property
    def output_tokens(self) -> int:
        return self.output + self.reasoning

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens
