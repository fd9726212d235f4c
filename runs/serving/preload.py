"""What the workers of a cluster share: loaded once, before they are forked."""

import gc


def preload() -> None:
    """Load what executes a run, and take all that is loaded out of the garbage collector's sight:
    it would walk through LangGraph and LangChain anew every few thousand requirements, and in each
    worker copy the memory that it walks through."""
    from runs.actions import execute  # noqa: F401
    from runs.graph import build, checkpointer  # noqa: F401

    gc.collect()
    gc.freeze()
