"""What a run will cost, in a terminal."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from observability.langsmith import HEURISTIC
from observability.money import format_left, format_usd
from observability.shown import costs_are_shown
from reqplatform.teams.models import Project
from runs.actions.campaigns import estimate_campaign, why_campaign_too_expensive
from runs.actions.specifications import SpecificationRefused, find_revision
from runs.actions.start import RunOptions, estimate_run, why_too_expensive
from runs.console.options import read_file
from runs.console.tables import ROUNDED
from runs.console.terminal import terminal
from runs.documents import DocumentRefused, parse_safely
from runs.documents.document import Document
from runs.estimating import CampaignEstimate, Estimate, RouteEstimate, why_no_key
from runs.models import Revision, Run, Specification, Subsystem


def estimate_file(
    project: Project, file: str, subsystem: Subsystem, options: RunOptions, title: str = ""
) -> Estimate:
    """The estimate of a run of this file. Neither it nor a new subsystem is stored."""
    revision, document = _read(project, file, title)
    return estimate_run(revision, subsystem, options, document=document)


def estimate_campaign_of_file(
    project: Project,
    file: str,
    subsystems: Sequence[Subsystem],
    options: RunOptions,
    title: str = "",
) -> CampaignEstimate:
    """The same of a campaign."""
    revision, document = _read(project, file, title)
    return estimate_campaign(revision, subsystems, options, document=document)


def _read(project: Project, file: str, title: str) -> tuple[Revision, Document | None]:
    """The revision that the file is; one that is not stored comes with its document."""
    content, name = read_file(file), Path(file).name
    known = find_revision(project, filename=name, content=content, title=title)
    if known is not None:
        return known, None
    try:
        document = parse_safely(content, name)
    except DocumentRefused as refusal:
        raise SpecificationRefused(str(refusal), code=refusal.code, field="file") from refusal
    return Revision(specification=Specification(project=project), filename=name), document


def show_estimate(estimate: Estimate, project: Project) -> None:
    """Routes, agents and budgets, on standard output."""
    console = terminal()
    if estimate.costs_nothing:
        console.print(f"{estimate.first.label} is asked first everywhere: it costs nothing.")
        return
    _print_routes(console, estimate)
    _print_nodes(console, estimate)
    _print_accounts(console, estimate)
    console.print(f"{estimate.note} {estimate.first.worst_explained}", soft_wrap=True)
    _print_verdict(console, estimate, project)


def show_campaign_estimate(expected: CampaignEstimate, project: Project) -> None:
    """The same for a campaign, with what each of its runs is expected to cost."""
    console = terminal()
    show_estimate(expected.total, project)
    if expected.total.costs_nothing:
        return
    table = Table("Subsystem", "Expected", title="By subsystem", title_justify="left")
    for share in expected.shares:
        cost = format_usd(share.estimate.first.expected_nusd)
        table.add_row(f"{share.subsystem.code} {share.subsystem.name}", cost)
    console.print(table)
    console.print("The first one's has the extraction, which is done once.", soft_wrap=True)
    misfit = expected.misfit(0)
    if misfit is not None and misfit.subsystem is not None:
        console.print(why_campaign_too_expensive(misfit), soft_wrap=True)


def _print_verdict(console: Console, estimate: Estimate, project: Project) -> None:
    """Why the run would not be started as it was asked for, if it would not."""
    if estimate.first.missing_keys:
        console.print(why_no_key(estimate.first.missing_keys), soft_wrap=True)
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
        worst = format_usd(route.worst_nusd)
        if route.is_limited:
            worst = f"{format_left(route.worst_nusd)}, {route.limit_in_words}"
        table.add_row(route.label, format_usd(route.expected_nusd), worst, _fits(route))
    console.print(table)


def _fits(route: RouteEstimate) -> str:
    """Whether it could be started, or all that is missing."""
    missing = [f"{name} is not set" for name in route.missing_keys]
    if route.too_tight:
        missing.insert(0, "does not fit")
    return ", ".join(missing) or "fits"


def _print_nodes(console: Console, estimate: Estimate) -> None:
    table = Table("Agent")
    for column in ("Requests", "Tokens in", "Tokens out", "Expected"):
        table.add_column(column, justify="right")
    for node in estimate.first.nodes:
        label = f"{node.node.label} (read before)" if node.paid else str(node.node.label)
        tokens = (f"{node.input_tokens:,}", f"{node.output_tokens:,}")
        table.add_row(label, f"{node.requests:.1f}", *tokens, format_usd(node.expected_nusd))
    console.print(table)
    console.print(ROUNDED, soft_wrap=True)
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
    worst = f"{format_usd(kept['worst_nusd'])} at worst"
    if kept["is_limited"]:
        worst = f"at most {format_left(kept['worst_nusd'])}, {kept.get('limit') or 'its budget'}"
    return (
        f"Expected to cost {_expected(kept['expected_nusd'])}; {worst}; "
        f"with {', '.join(kept['models'])}"
    )
