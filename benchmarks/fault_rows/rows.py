"""The table: which row breaks what, and what must come of it."""

from collections.abc import Callable
from dataclasses import dataclass

from fault_rows import database, deliveries, kills, money, people, rest, stops
from fault_rows.stage import Measured, Stage


@dataclass(frozen=True)
class Row:
    number: int
    fault: str
    must: str
    play: Callable[[Stage], Measured]
    own_machines: bool = False  # that it starts and kills, so that no other may be there
    only: str = ""  # the database, where the row has no sense on the other


ROWS = (
    Row(
        1, "kill -9 busy worker",
        "resumed within T; settled calls repeated 0; unconfirmed <= concurrent calls per kill",
        kills.busy_worker,
    ),
    Row(
        2, "kill -9 whole cluster, restart", "as 1; lost runs 0", kills.whole_cluster,
    ),
    Row(
        3, "kill -9 idle worker", "a queued run starts within 90 s (short form: 22 s)",
        kills.idle_worker,
        own_machines=True,
    ),
    Row(
        4, "SIGTERM to main inside a node", "exits within node + 5 s; lost 0",
        stops.to_main,
    ),
    Row(
        5, "SIGTERM to the group", "resumed within T of the restart",
        stops.to_group,
    ),
    Row(
        6, "SIGSTOP beyond the lease, SIGCONT", "zombie commits 0, extra nodes 0", stops.frozen,
    ),
    Row(7, "ten deliveries of one run", "at most one executes", deliveries.ten),
    Row(
        8, "refused duplicate acknowledged, then kill", "resumed within T",
        deliveries.refused_duplicate,
    ),
    Row(
        9, "node that kills its process", "exactly 3 starts, then FAILED",
        deliveries.deadly_node,
    ),
    Row(
        10, "database away 5 s; write lock held 10 s", "completes; unrecorded cost 0",
        database.away,
    ),
    Row(
        11, "commit succeeds, client sees an error", "double settle 0", database.unseen_commit,
    ),
    Row(
        12, "two reviewers at once", "one accepted, one 409, document runs once",
        people.two_reviewers,
    ),
    Row(
        13, "crash between decision and enqueue", "resumed in 70 s (short form: 19 s)",
        people.dying_reviewer,
    ),
    Row(
        14, "cancel in a call, single and parallel",
        "stopped in 2 s; calls started afterwards 0", people.cancelled,
    ),
    Row(
        15, "8 processes x 500 holds (short form: 60), 4 killed",
        "overspend 0, drift 0, leaked after the reaper 0", money.budgets,
    ),
    Row(
        16, "kill at every point of hold -> call -> settle",
        "billed - recorded <= 0; unconfirmed <= kills x concurrent calls; all others settled at "
        "the provider's exact figure",
        money.every_point,
    ),
    Row(17, "timeout with parallel calls", "recorded, attempts + 1", deliveries.timeout),
    Row(
        18, "node clock 5 min off", "double leases 0", rest.clocks,
        own_machines=True, only="postgresql",
    ),
    Row(
        19, "NUL and lone surrogate in a document", "completes, text kept readable",
        rest.spoilt_text,
    ),
    Row(20, "run of an older graph", "FAILED with the reason, not stuck", rest.older_graph),
)  # fmt: skip

# Rows that wait more than they work, and do not mind company, are played at once.
AT_ONCE = {9, 13, 15}
