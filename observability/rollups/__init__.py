"""Adding up calls and quality records into the rows that reports read.

A call is marked `is_due` by the same statement that changes it, so nothing else is written while
it is settled. `refresh` takes the marked calls, makes the rows of their runs, extractions and days
anew, and clears the marks, all in one short transaction: done twice, or after a crash, it comes to
the same. Every sweep does it, so sums lag seconds behind the books; `due` says by how many calls.
"""

from observability.rollups.refreshing import due, rebuild, refresh

__all__ = ["due", "rebuild", "refresh"]
