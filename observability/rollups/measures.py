"""What is measured of a judged run, by name, for averages over many of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Self

from observability.models import RunFigures, SpanQuality

DIMENSIONS = ("overall", "completeness", "clarity", "testability", "traceability", "domain")
NOTHING = "nothing"  # the run allocated nothing: it is counted, and is in no other measure
PASSED = "passed"
RULE = "rule:"  # begins the measure of each rule: its findings in a run that has some
AGREED = "agreed"  # whether rules and judge are on the same side of the threshold


@dataclass(frozen=True, slots=True)
class Spread:
    """How many values there are, and what they add up to."""

    n: int = 0
    total: float = 0.0
    squares: float = 0.0
    least: float | None = None
    most: float | None = None

    @property
    def mean(self) -> float | None:
        return self.total / self.n if self.n else None

    @property
    def deviation(self) -> float | None:
        """The standard deviation of the sample; None for fewer than two."""
        if self.n < 2:
            return None
        return sqrt(max(0.0, self.squares - self.total**2 / self.n) / (self.n - 1))

    @property
    def error(self) -> float | None:
        """The standard error of the mean."""
        deviation = self.deviation
        return None if deviation is None else deviation / sqrt(self.n)

    def as_json(self) -> list[float | None]:
        """As `SpanQuality.measures` has it."""
        return [self.n, self.total, self.squares, self.least, self.most]

    @classmethod
    def of_json(cls, values: Sequence[float]) -> Self:
        """What `as_json` gave, of at least one value. PostgreSQL has no floats in JSON: a large one
        comes back as an integer."""
        n, *rest = values
        return cls(int(n), *map(float, rest))

    def and_(self, other: "Spread") -> "Spread":
        """Both together."""
        if not (self.n and other.n):
            return self if self.n else other
        assert self.least is not None and other.least is not None  # noqa: PT018
        assert self.most is not None and other.most is not None  # noqa: PT018
        return Spread(
            self.n + other.n,
            self.total + other.total,
            self.squares + other.squares,
            min(self.least, other.least),
            max(self.most, other.most),
        )


def of(run: RunFigures) -> Iterator[tuple[str, float]]:
    """The measures of one judged run."""
    if not run.allocated:
        yield NOTHING, 1.0
        return
    for name in DIMENSIONS:
        value = getattr(run, name)
        if value is not None:
            yield name, value
    yield PASSED, float(bool(run.passed))
    for name in ("iterations", "requirements", "findings", "critical", "cost_nusd", "busy_ms"):
        yield name, float(getattr(run, name))
    for rule, count in run.findings_by_rule.items():
        yield f"{RULE}{rule}", float(count)
    if run.judge is not None and run.rules is not None and run.threshold is not None:
        yield "judge", run.judge
        yield "rules", run.rules
        yield "apart", run.judge - run.rules
        yield "distance", abs(run.judge - run.rules)
        yield AGREED, float((run.judge >= run.threshold) == (run.rules >= run.threshold))


def spreads(runs: Iterable[RunFigures]) -> dict[str, Spread]:
    """All measures of these runs together."""
    lists: dict[str, list[float]] = {}
    for run in runs:
        for name, value in of(run):
            lists.setdefault(name, []).append(value)
    return spreads_of(lists)


def spreads_of(lists: Mapping[str, list[float]]) -> dict[str, Spread]:
    return {name: spread(values) for name, values in lists.items()}


def spread(values: list[float]) -> Spread:
    return Spread(
        len(values), sum(values), sum(value * value for value in values), min(values), max(values)
    )


def together_of(rows: Iterable[SpanQuality]) -> dict[str, Spread]:
    """The measures of these rows as one."""
    return together(
        {name: Spread.of_json(values) for name, values in row.measures.items()} for row in rows
    )


def together(parts: Iterable[Mapping[str, Spread]]) -> dict[str, Spread]:
    """The measures of several parts as one."""
    found: dict[str, Spread] = {}
    for part in parts:
        for name, one in part.items():
            found[name] = found.get(name, Spread()).and_(one)
    return found
