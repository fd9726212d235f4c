"""The terminal that tables are printed to."""

from rich.console import Console


def terminal() -> Console:
    """Standard output. Texts of a specification are printed as they stand: a "[note]" is no style
    and a ":key:" is no emoji.
    """
    return Console(highlight=False, markup=False, emoji=False)
