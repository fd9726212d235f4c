"""Where a run stands, in words: what happened, why, and what to do next."""

from dataclasses import dataclass

from observability.models import QualityRecord
from runs.models import Decision, Run, RunStatus
from runs.models.run import STOPPED
from runs.views.stops import Stop


@dataclass(frozen=True, slots=True)
class Standing:
    tone: str
    title: str
    next_step: str


def standing(run: Run, record: QualityRecord | None, stop: Stop | None = None) -> Standing:
    """`stop`: the budget's account that has stopped it, if one has."""
    if run.status == RunStatus.COMPLETED:
        return _completed(run, record)
    if run.project.archived_at and run.status in STOPPED:
        stopped = _STANDING[RunStatus(run.status)]
        return Standing(stopped.tone, stopped.title, _ARCHIVED)
    if stop and stop.advice:
        return _out_of_budget(stop)
    if run.has_lost_worker:
        return _LOST
    if run.status == RunStatus.QUEUED and (reader := _reader_before(run)):
        return Standing(
            "info",
            f"Waits for run {reader.short_id}, which reads the specification for all.",
            "It begins as soon as that is done, or reads itself if that run ends before.",
        )
    return _STANDING[RunStatus(run.status)]


def _reader_before(run: Run) -> Run | None:
    """The run of the same campaign that this one waits for."""
    reader = run.campaign.reader if run.campaign else None
    return None if reader == run else reader


def _out_of_budget(stop: Stop) -> Standing:
    if stop.has_room:
        return Standing("info", "A budget stopped the run; it can go on now.", stop.advice)
    return Standing("bad", "A budget stopped the run.", stop.advice)


def offers_resume(run: Run) -> bool:
    """Whether the page of the run has a button to resume it. A review is decided instead, and what
    a reviewer rejected stays so.
    """
    if run.has_lost_worker:
        return True
    if run.status not in STOPPED:
        return False
    return not run.reviews.filter(decision=Decision.REJECTED).exists()


def _completed(run: Run, record: QualityRecord | None) -> Standing:
    if record is not None and record.allocated_count == 0:
        return Standing(
            "info",
            "Nothing in this specification belongs to the subsystem.",
            "That is a valid outcome: there was nothing to decompose, and the scores are 1 by "
            "definition. The trace says of every requirement why it was not allocated. If one of "
            "them does belong here, describe the subsystem more fully and start a run again.",
        )
    if run.gate_passed:
        return Standing(
            "ok",
            "The result passed its quality gate.",
            "Its requirements are proposals that the rules find in order; whether they are right "
            "is for the people who own the subsystem.",
        )
    if run.gate_passed is None:
        return Standing(
            "warn",
            "The result was not judged.",
            "Read it before you use it: no quality score stands behind it.",
        )
    return Standing(
        "bad",
        "The run finished, and its result missed the quality gate.",
        "Look at the issues, mend the specification or the method, and start a run again. Each "
        "requirement says whether a reviewer accepted it all the same.",
    )


_ARCHIVED = "The project is archived. Once an owner has restored it, the run can be resumed."
_LOST = Standing(
    "warn",
    "The worker of this run seems to be lost.",
    "It has not reported for longer than it may. Another worker takes the run over from its last "
    "checkpoint as soon as one is free; if none does, check that a worker is running on the "
    "server, and resume the run.",
)
_STANDING = {
    RunStatus.QUEUED: Standing(
        "info",
        "Waiting for a worker.",
        "It starts as soon as one is free. If nothing happens within a minute, check that a "
        "worker is running on the server.",
    ),
    RunStatus.RUNNING: Standing("info", "Working.", "This page follows it by itself."),
    RunStatus.FAILED: Standing(
        "bad",
        "The run failed.",
        "Resume it to go on from its last checkpoint; what is done is not paid for again.",
    ),
    RunStatus.CANCELLED: Standing(
        "info", "The run was cancelled.", "What was done until then is kept."
    ),
    RunStatus.OUT_OF_BUDGET: Standing(
        "bad",
        "A budget stopped the run.",
        "Raise the budget, then resume: the run goes on where it stopped, and nothing is paid "
        "twice.",
    ),
    RunStatus.WAITING_REVIEW: Standing(
        "wait", "The run waits for a person's decision.", "A reviewer decides below."
    ),
}
