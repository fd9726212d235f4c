"""Figures for Prometheus, read from the database when they are asked for.

No counter lives in a process: what workers on other machines did counts as well, and a restart
loses nothing. A room registers what it can tell (`register`); `exposition` reads it all and writes
the page. No label ever holds a run's id, a person or free text.
"""

from observability.metrics.described import Kind, Metric, Point
from observability.metrics.registered import register, registered
from observability.metrics.scrape import Scrape

__all__ = ["Kind", "Metric", "Point", "Scrape", "register", "registered"]
