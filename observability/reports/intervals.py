"""How far a figure from few runs can be trusted."""

from math import sqrt

FEW = 20  # below this many runs a figure is shown as one of a small sample
_Z = 1.959963984540054  # 95 % of a normal distribution, both sides


def wilson(successes: float, n: int) -> tuple[float, float] | None:
    """The 95 % interval of a share by E. B. Wilson, "Probable inference, the law of succession, and
    statistical inference", JASA 22, 1927. None without observations."""
    if not n:
        return None
    share, square = successes / n, _Z**2
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = _Z / (1 + square / n) * sqrt(share * (1 - share) / n + square / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


# Student's t at 97.5 % by degrees of freedom, as any table has it; the normal's beyond 30.
_T_975 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042,
)  # fmt: skip


def mean_interval(mean: float, error: float | None, n: int) -> tuple[float, float] | None:
    """The 95 % interval of a mean score with this standard error, within 0 and 1 as scores are;
    None for fewer than two values."""
    if error is None or n < 2:
        return None
    t = _T_975[n - 2] if n - 2 < len(_T_975) else _Z
    return max(0.0, mean - t * error), min(1.0, mean + t * error)
