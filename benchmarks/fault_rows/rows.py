"""The table: which row breaks what, and what must come of it."""

from collections.abc import Callable
from dataclasses import dataclass

from fault_rows import kills
from fault_rows.stage import Measured, Stage


@dataclass(frozen=True)
class Row:
    number: int
    fault: str
    must: str
    play: Callable[[Stage], Measured]
    only: str = ""  # the database, where the row has no sense on the other


ROWS = (
    Row(
        1, "kill -9 busy worker",
        "resumed within T; settled calls repeated 0; unconfirmed <= concurrent calls per kill",
        kills.busy_worker,
    ),
    Row(2, "kill -9 whole cluster, restart", "as 1; lost runs 0", kills.whole_cluster),
    Row(
        3, "kill -9 idle worker", "a queued run starts within 90 s (short form: 22 s)",
        kills.idle_worker,
    ),
)  # fmt: skip
