"""What can go wrong when a model is asked, by class."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from observability.ledger import Denied


class ModelError(Exception):
    """Base of the errors below. The message says what happened and what to do."""


class NoSuchProvider(ModelError):  # noqa: N818 - read as a sentence where it is raised
    """A route names a provider that is not registered."""


class BadAnswer(ModelError):  # noqa: N818
    """The model's answer does not fit the schema, even after it was asked to repair it."""


class CallCancelled(ModelError):  # noqa: N818
    """The run was cancelled before the call was made."""


class MissingKey(ModelError):  # noqa: N818
    """The environment variable of a provider's key is empty."""


class NoPrice(ModelError):  # noqa: N818
    """Nobody knows what a call of the model would cost, so it is not made."""


class Outage(ModelError):  # noqa: N818
    """A model could not be reached, however often it was tried; another may be."""


class Fatal(ModelError):  # noqa: N818
    """No model of this route will answer until a person has changed something."""


class OutOfBudget(ModelError):  # noqa: N818
    """A budget has less left than the call could cost. The message says what and how much."""

    def __init__(self, message: str, denied: "Denied") -> None:
        super().__init__(message)
        self.denied = denied
