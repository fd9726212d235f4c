"""A row of every model for the admin's tests, in one project."""

from itertools import count
from uuid import uuid4

from django.db.models import Model
from django.utils import timezone

from observability.alerts import raise_alert
from observability.models import AlertCause, AlertChannel, AlertRule, LLMCall, ModelProfile, Route
from reqplatform.teams.actions.tokens import issue_token
from reqplatform.teams.models import Membership, Project, Role, User
from runs.models import (
    Checkpoint,
    CheckpointWrite,
    IdentifierCounter,
    KeptFile,
    MailedReport,
    PinnedSkill,
    ReportSchedule,
    Requirement,
    Review,
    RevisionContent,
    Run,
)
from skills.actions.domains import save_domain
from skills.models import Domain, SkillSlug
from tests import factories, money

NUMBERS = count(1)


def populate(project: Project, owner: User) -> Run:
    """One more row of every model, as far as constraints allow, all of it the project's."""
    number = next(NUMBERS)
    run = factories.completed_run(project, requirements=1)
    RevisionContent.objects.create(revision=run.revision, original=b"original", document=b"parsed")
    subsystem = factories.subsystem(project, code=f"S{number}", name=f"Subsystem {number}")
    Requirement.objects.create(
        project=project, subsystem=subsystem, identifier=f"S{number}-FUNC-001", type="FUNC",
        derivation="one",
    )  # fmt: skip
    IdentifierCounter.objects.create(project=project, code=f"S{number}", type="FUNC", last=1)
    PinnedSkill.objects.create(
        run=run, skill_version=factories.skill_version(SkillSlug.DECOMPOSITION, project)
    )
    Review.objects.create(
        run=run, kind="result", iteration=1, decision="approved", decided_by=owner,
        decided_at=timezone.now(),
    )  # fmt: skip
    factories.dismissal(run, term=f"not {number}")
    Checkpoint.objects.create(run=run, checkpoint_id=f"c{number}", encoding="msgpack", state=b"s")
    CheckpointWrite.objects.create(
        run=run, checkpoint_id=f"c{number}", task_id="t", position=0, channel="state",
        encoding="msgpack", content=b"w",
    )  # fmt: skip
    campaign = factories.campaign(project, run.revision)
    Run.objects.filter(pk=run.pk).update(campaign=campaign)
    if not Domain.objects.filter(project=project).exists():
        save_domain(None, project, "# Survey\n\n## System\nIt surveys.\n")
    schedule = ReportSchedule.objects.create(
        project=project, name=f"Weekly {number}", reports=["cost"], addresses="a@example.org"
    )
    MailedReport.objects.create(schedule=schedule, due_on=timezone.now().date())
    _money(run, number)
    factories.stored_export(owner, project)
    KeptFile.objects.create(owner=owner, name="a.csv", content=b"code")
    person = factories.user(f"member{number}")
    Membership.objects.create(project=project, user=person, role=Role.VIEWER)
    issue_token(owner, f"Token {number}")
    return run


def _money(run: Run, number: int) -> None:
    profile = ModelProfile.objects.create(
        name=f"Model {number}", provider="embedded", model=f"analyst-{number}-{uuid4().hex[:6]}",
        context_window=1000, max_output_tokens=100,
    )  # fmt: skip
    Route.objects.create(project=run.project, node="extract", position=number, profile=profile)
    for values in ({"run": run}, {"extraction": run.extraction}):
        LLMCall.objects.create(
            project=run.project, node="decompose", profile=profile, provider="embedded",
            model=profile.model, request_key=uuid4().hex, state="settled", cost_source="metered",
            cost_nusd=1_500_000, held_nusd=2_000_000, **values,
        )  # fmt: skip
    cause = AlertCause.UNCONFIRMED
    channel = AlertChannel.objects.create(
        project=run.project, name=f"Channel {number}", kind="email", target="a@example.org"
    )
    rule, _ = AlertRule.objects.get_or_create(project=run.project, cause=cause)
    rule.channels.add(channel)
    money.paid_call(run)
    money.unconfirmed_call(run)
    raise_alert(run.project_id, cause, f"run {run.pk}", f"Run {run.short_id}", run_id=run.pk)


def some(model: type[Model]) -> Model:
    row = model._default_manager.order_by("pk").first()
    assert row is not None, f"{model.__name__} has no row: extend tests/admin/rows.py"
    return row
