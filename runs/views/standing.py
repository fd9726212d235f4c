"""Where a run stands, in words: what happened, why, and what to do next."""

from dataclasses import dataclass

from observability.models import QualityRecord
from runs.models import Run, RunStatus


@dataclass(frozen=True, slots=True)
class Standing:
    tone: str
    title: str
    next_step: str


def standing(run: Run, record: QualityRecord | None) -> Standing:
    if run.status == RunStatus.COMPLETED:
        return _completed(run, record)
    return _STANDING[RunStatus(run.status)]


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
            "ok", "The result passed its quality gate.", "Its requirements are accepted."
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
        "Its requirements are proposals, not accepted. Look at the issues, mend the specification "
        "or the method, and start a run again.",
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
        "warn",
        "The run stopped before its next call would have exceeded a budget.",
        "An owner can raise the budget; then resume the run from its last checkpoint.",
    ),
    RunStatus.WAITING_REVIEW: Standing(
        "wait", "The run waits for a person's decision.", "A reviewer decides below."
    ),
}
