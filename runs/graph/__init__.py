"""The agent graph. Nothing here imports LangGraph until a run is executed."""

GRAPH_VERSION = 1  # raised when checkpoints of older runs can no longer be continued
