"""The workers' settings that the rows are played at. Knows nothing of Django."""

from dataclasses import dataclass

CLAIM = 5.0  # seconds for a woken worker to be there; does not grow with the intervals


@dataclass(frozen=True)
class Intervals:
    """In seconds."""

    lease: int
    heartbeat: int
    sweep: int
    forgotten: int

    @property
    def environment(self) -> dict[str, str]:
        return {
            "RUN_LEASE_SECONDS": str(self.lease),
            "RUN_HEARTBEAT_SECONDS": str(self.heartbeat),
            "RUN_SWEEP_SECONDS": str(self.sweep),
            "RUN_FORGOTTEN_SECONDS": str(self.forgotten),
        }

    @property
    def t(self) -> float:
        """T of the table: how long a run may be without a worker that was killed."""
        return self.lease + self.sweep + CLAIM

    @property
    def hung(self) -> float:
        """How long a run may wait for a cluster that hangs: the watchdog's patience, a look, a
        start."""
        return self.forgotten + 1.5 * self.sweep + self.sweep + CLAIM

    @property
    def swallowed(self) -> float:
        """How long a run may wait whose message was never sent: 70 s at the defaults. What does not
        shrink with the intervals is added to the short form's."""
        limit = self.forgotten + self.sweep
        return float(limit) if self == FULL else limit + CLAIM


SHORT = Intervals(lease=4, heartbeat=1, sweep=2, forgotten=12)
FULL = Intervals(lease=20, heartbeat=5, sweep=10, forgotten=60)
