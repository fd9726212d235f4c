"""What can go wrong when a model is asked, by class."""


class ModelError(Exception):
    """Base of the errors below. The message says what happened and what to do."""


class NoSuchProvider(ModelError):  # noqa: N818 - read as a sentence where it is raised
    """A route names a provider that is not registered."""


class BadAnswer(ModelError):  # noqa: N818
    """The model's answer does not fit the schema, even after it was asked to repair it."""


class CallCancelled(ModelError):  # noqa: N818
    """The run was cancelled before the call was made."""
