"""Answers made from the request."""

from contextlib import suppress

from tests.wire.asked import Asked


def by_analyst(asked: Asked) -> str:
    """What the embedded analyst says to the same request, so that a whole run can be answered.

    "{}" to a request that it cannot read.
    """
    from runs.analyst.envelope import EnvelopeError, read
    from runs.analyst.tasks import answer

    for role, text in asked.messages:
        if role == "human":
            with suppress(EnvelopeError):
                envelope = read(text)
                answered = answer(envelope.task, envelope.request, envelope.parameters)
                return answered.model_dump_json()
    return "{}"
