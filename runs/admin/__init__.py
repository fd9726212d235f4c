"""The admin of the job itself: configure subsystems, read everything else, act through actions."""

from runs.admin import (
    campaigns,
    machinery,
    report_schedules,
    results,
    runs,
    specifications,
    spreadsheets,
    subsystems,
)

__all__ = [
    "campaigns",
    "machinery",
    "report_schedules",
    "results",
    "runs",
    "specifications",
    "spreadsheets",
    "subsystems",
]
