"""The errors that actions raise and every door (page, API, admin, command line) shows alike.

Messages are written for the person who reads them: what happened, why, what to do next.
"""


class ActionError(Exception):
    """Base of the refusals below. `status` is the HTTP status that the API answers with."""

    status = 400
    code = "invalid"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.field = field


class InvalidInput(ActionError):  # noqa: N818 - these name decisions, not faults
    status = 422
    code = "invalid_input"


class NotAllowed(ActionError):  # noqa: N818
    status = 403
    code = "not_allowed"


class NotFound(ActionError):  # noqa: N818
    status = 404
    code = "not_found"


class Conflict(ActionError):  # noqa: N818
    """Someone was first, or the thing is not in a state that allows this."""

    status = 409
    code = "conflict"
