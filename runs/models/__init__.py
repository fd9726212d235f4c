from runs.models.campaign import Campaign, CampaignState, Tally
from runs.models.checkpoint import Checkpoint, CheckpointWrite
from runs.models.dismissal import Dismissal
from runs.models.event import EventKind, RunEvent
from runs.models.extraction import Extraction, ExtractionState, SourceRequirement
from runs.models.kept_file import KeptFile
from runs.models.quality_issue import QualityIssue
from runs.models.report_schedule import (
    Cadence,
    MailedReport,
    MailFormat,
    ReportSchedule,
    Weekday,
)
from runs.models.requirement import (
    IdentifierCounter,
    Requirement,
    RequirementVersion,
    VersionState,
)
from runs.models.review import Decision, Review, ReviewKind
from runs.models.run import PinnedSkill, Run, RunStatus
from runs.models.specification import Revision, RevisionContent, Specification
from runs.models.stored_export import ExportState, StoredExport, StoredExportPart
from runs.models.subsystem import Subsystem
from runs.models.trace import Allocation, TraceLink

__all__ = [
    "Allocation",
    "Cadence",
    "Campaign",
    "CampaignState",
    "Checkpoint",
    "CheckpointWrite",
    "Decision",
    "Dismissal",
    "EventKind",
    "ExportState",
    "Extraction",
    "ExtractionState",
    "IdentifierCounter",
    "KeptFile",
    "MailFormat",
    "MailedReport",
    "PinnedSkill",
    "QualityIssue",
    "ReportSchedule",
    "Requirement",
    "RequirementVersion",
    "Review",
    "ReviewKind",
    "Revision",
    "RevisionContent",
    "Run",
    "RunEvent",
    "RunStatus",
    "SourceRequirement",
    "Specification",
    "StoredExport",
    "StoredExportPart",
    "Subsystem",
    "Tally",
    "TraceLink",
    "VersionState",
    "Weekday",
]
