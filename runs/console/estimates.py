"""What a run will cost, in a terminal."""

import hashlib
from pathlib import Path

from rich.console import Console
from rich.table import Table

from observability.langsmith import HEURISTIC
from observability.money import format_left, format_usd
from observability.shown import costs_are_shown
from reqplatform.teams.models import Project
from runs.actions.specifications import SpecificationRefused
from runs.actions.start import RunOptions, estimate_run, why_too_expensive
from runs.console.options import read_file
from runs.console.terminal import terminal
from runs.documents import DocumentRefused, parse_safely
from runs.estimating import HOW_TO_KNOW_BETTER, Estimate
from runs.models import Revision, Run, Specification, Subsystem


def estimate_file(
    project: Project, file: str, subsystem: Subsystem, options: RunOptions
) -> Estimate:
    """The estimate of a run of this file. Neither it nor a new subsystem is stored."""
    content, name = read_file(file), Path(file).name
    digest = hashlib.sha256(content).hexdigest()
    rows = Revision.objects.filter(specification__project=project, sha256=digest)
    known = rows.select_related("specification").order_by("-created_at").first()
    if known is not None:
        return estimate_run(known, subsystem, options)
    try:
        document = parse_safely(content, name)
    except DocumentRefused as refusal:
        raise SpecificationRefused(str(refusal), code=refusal.code, field="file") from refusal
    revision = Revision(specification=Specification(project=project), filename=name)
    return estimate_run(revision, subsystem, options, document=document)


def show_estimate(estimate: Estimate, project: Project) -> None:
    """Routes, agents and budgets, on standard output."""
    console = terminal()
    if estimate.costs_nothing:
        console.print(f"{estimate.first.label} is asked first everywhere: it costs nothing.")
        return
    _print_routes(console, estimate)
    _print_nodes(console, estimate)
    _print_accounts(console, estimate)
    console.print(HOW_TO_KNOW_BETTER, soft_wrap=True)
    account = estimate.first.too_tight
    cheaper = estimate.first_that_fits if project.cheaper_route else None
    if cheaper and account:
        console.print(f"It does not fit {account.label}; it would start with {cheaper.label}.")
    elif account:
        console.print(why_too_expensive(estimate.first, account), soft_wrap=True)


def _print_routes(console: Console, estimate: Estimate) -> None:
    table = Table(title="What it will cost", title_justify="left")
    table.add_column("Model asked first", no_wrap=True)
    table.add_column(f"Expected\n{HEURISTIC}", justify="right")
    table.add_column("At worst", justify="right")
    table.add_column("Budget")
    for route in estimate.routes:
        worst = format_usd(route.worst_nusd) + (", its budget" if route.is_limited else "")
        fits = "fits" if route.fits else "does not fit"
        table.add_row(route.label, format_usd(route.expected_nusd), worst, fits)
    console.print(table)


def _print_nodes(console: Console, estimate: Estimate) -> None:
    table = Table("Agent")
    for column in ("Requests", "Tokens in", "Tokens out", "Expected"):
        table.add_column(column, justify="right")
    for node in estimate.first.nodes:
        label = f"{node.node.label} (read before)" if node.paid else str(node.node.label)
        tokens = (f"{node.input_tokens:,}", f"{node.output_tokens:,}")
        table.add_row(label, f"{node.requests:.1f}", *tokens, format_usd(node.expected_nusd))
    console.print(table)
    guessed = "" if estimate.sources_known else ", guessed from the text"
    console.print(
        f"{estimate.sources} source requirements{guessed}; {estimate.iterations:.1f} of at most "
        f"{estimate.max_iterations} iterations.",
        soft_wrap=True,
    )


def _print_accounts(console: Console, estimate: Estimate) -> None:
    for account in estimate.accounts:
        if account.left_nusd is not None and account.max_nusd is not None:
            left = f"{format_left(account.left_nusd)} left of {format_usd(account.max_nusd)}"
            tightest = " (tightest)" if account == estimate.tightest else ""
            console.print(f"{account.label}: {left}{tightest}")


def _expected(nusd: int) -> str:
    return f"{format_usd(nusd)}, {HEURISTIC}" if nusd else format_usd(nusd)


def estimate_line(run: Run) -> str:
    """The estimate that a run was started with, in a line; "" if it can cost nothing or costs are
    hidden."""
    kept = run.estimate
    if not kept or not kept["worst_nusd"] or not costs_are_shown():
        return ""
    worst = format_usd(kept["worst_nusd"])
    worst = f"at most {worst}, its budget" if kept["is_limited"] else f"{worst} at worst"
    return (
        f"Expected to cost {_expected(kept['expected_nusd'])}; {worst}; "
        f"with {', '.join(kept['models'])}"
    )
