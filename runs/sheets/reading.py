"""Many rows, a few at a time: their keys once, in the order of the page, and then by their keys.

The keys are kept in a file. Asking for "the next thousand after this key" instead would sort all
rows again for each thousand wherever the filter has another index than the key's.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

CHUNK = 1_000
KEYS_AT_ONCE = 10_000


def keep_keys(rows: "QuerySet[Any]", path: Path) -> int:
    """Write the keys that there are now into the file, in order; how many. Rows that come later
    are not read."""
    count = 0
    with path.open("w", encoding="ascii") as file:
        for key in rows.values_list("pk", flat=True).iterator(chunk_size=KEYS_AT_ONCE):
            file.write(f"{key}\n")
            count += 1
    return count


def chunks(rows: "QuerySet[Any]", path: Path, size: int | None = None) -> Iterator[list[Any]]:
    """Those of `rows` whose keys are in the file, in its order. `rows` should be all of the model:
    with another condition a database may look through all that fulfil it, each time."""
    to_key = rows.model._meta.pk.to_python
    with path.open(encoding="ascii") as file:
        while keys := [to_key(line.rstrip()) for line in islice(file, size or CHUNK)]:
            found = {row.pk: row for row in rows.filter(pk__in=keys)}
            yield [found[key] for key in keys if key in found]
