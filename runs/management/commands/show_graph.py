"""manage.py show_graph: the agent graph as Mermaid, drawn from the graph that runs."""

from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Print the agent graph as a Mermaid flow chart."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        from runs.graph.build import build
        from runs.graph.execution import Execution
        from runs.models import Run

        graph = build(Execution(Run(), token=0), wants_review=True)
        self.stdout.write(graph.get_graph().draw_mermaid())
