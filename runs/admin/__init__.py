"""The admin of the job itself: configure subsystems, read everything else, act through actions."""

from runs.admin import accounts, machinery, results, runs, specifications, subsystems

__all__ = ["accounts", "machinery", "results", "runs", "specifications", "subsystems"]
