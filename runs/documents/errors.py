"""Why a document was refused. The message is shown to the person as it stands."""


class DocumentRefused(Exception):  # noqa: N818 - it is a decision about the input, not a fault
    """The file cannot be used. `code` is stable for scripts; the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
