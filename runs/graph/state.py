"""What LangGraph carries from node to node: control values only. Everything else is rows."""

from enum import StrEnum
from typing import TypedDict


class Verdict(StrEnum):
    """What follows a validation."""

    PASSED = "passed"
    REVISE = "revise"
    REVIEW = "review"  # below the gate, and a person is wanted
    ACCEPT = "accept"  # below the gate, and nobody is: the run completes as missed


class State(TypedDict, total=False):
    analysis: int  # how often the strategy was sent back, from 0
    iteration: int  # of decompose and validate, from 1
    allocated: int  # how many source requirements belong to the subsystem
    verdict: str  # a Verdict value, of the last validation
    decision: str  # a Decision value, of the last review
