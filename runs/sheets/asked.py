"""What a person narrowed a list down to; kept with a stored export, to write it as seen."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reqplatform.errors import InvalidInput

MOST = 200  # characters of a search


class Asked(BaseModel):
    """The filters of the pages, by their names there. None: not filtered by it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: UUID | None = None
    iteration: int | None = Field(None, ge=0, le=32_767)
    type: str | None = Field(None, max_length=10)
    text: str | None = Field(None, max_length=MOST)
    severity: str | None = Field(None, max_length=10)
    source: str | None = Field(None, max_length=12)
    rule: str | None = Field(None, max_length=60)
    show: str | None = Field(None, max_length=10)
    status: str | None = Field(None, max_length=20)
    subsystem: str | None = Field(None, max_length=20)  # its code or its id
    person: str | None = Field(None, max_length=150)  # a user name
    node: str | None = Field(None, max_length=10)
    model: str | None = Field(None, max_length=150)  # provider/model
    specification: UUID | None = None
    skill: str | None = Field(None, max_length=80)  # slug@version
    days: int | None = Field(None, ge=1, le=3660)
    month: str | None = Field(None, max_length=7)
    first: date | None = None
    last: date | None = None

    @classmethod
    def of(cls, words: Mapping[str, Any]) -> "Asked":
        """Of a query's words; empty ones say nothing. Raises InvalidInput."""
        said = {name: value for name, value in words.items() if value not in {None, ""}}
        try:
            return cls.model_validate(said)
        except ValidationError as error:
            first = error.errors()[0]
            field = str(first["loc"][0]) if first["loc"] else "filter"
            known = ", ".join(cls.model_fields)
            raise InvalidInput(
                f"{field}: {first['msg']}. A list is narrowed down by {known}.", field=field
            ) from error

    def words(self) -> dict[str, Any]:
        """What was said, as JSON."""
        return self.model_dump(mode="json", exclude_none=True)
