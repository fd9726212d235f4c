"""What the admin's export needs from above: it is handed in when the apps are ready."""

from typing import Any, Protocol

from django.db.models import Model, QuerySet


class Spreadsheets(Protocol):
    most_bytes: int
    """Of a file that is imported."""

    def resource(self, model: type[Model]) -> type[Any]:
        """The django-import-export resource with the model's columns."""

    def formats(self) -> list[type[Any]]:
        """The formats of django-import-export that escape formulas."""

    def is_large(self, rows: "QuerySet[Any]") -> bool:
        """Whether there are too many rows to wait for."""

    def store(
        self,
        user: Any,
        rows: "QuerySet[Any]",
        query: str,
        columns: list[str] | None,
        extension: str,
    ) -> str:
        """Have a task write what the admin lists for this query, and return the address of the
        page that tells of it. Raises ActionError."""


_handed: list[Spreadsheets] = []


def hand_in(spreadsheets: Spreadsheets) -> None:
    _handed[:] = [spreadsheets]


def spreadsheets() -> Spreadsheets:
    return _handed[0]
