"""What the queries of reports, and of the lists behind their figures, may say."""

from datetime import date
from uuid import UUID

from pydantic import Field

from runs.routers.schemas import Input, Line


class PeriodIn(Input):
    """One of: `days` up to today, a `month`, or `first` and `last`. Without any, 30 days."""

    days: int | None = Field(None, ge=1, le=3660)
    month: Line | None = Field(None, description="YYYY-MM.")
    first: date | None = None
    last: date | None = None
    subsystem: Line | None = Field(None, description="Its code; none: without one.")
    person: Line | None = Field(None, description="A user name; none: without one.")


class CostIn(PeriodIn):
    node: Line | None = None
    model: Line | None = Field(None, description="provider/model.")
    source: Line | None = None


class QualityIn(PeriodIn):
    specification: UUID | None = None
    skill: Line | None = Field(None, description="slug@version.")
    rule: Line | None = Field(None, description="Runs in which it found something.")
