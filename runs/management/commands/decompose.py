"""manage.py decompose: one specification, for one subsystem or all, from the command line."""

import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone

from observability.llm.choosing import find_model
from observability.shown import costs_are_shown
from reqplatform.errors import InvalidInput
from reqplatform.security.plain_text import one_line
from reqplatform.teams.models import Project
from runs.actions.campaigns import start_campaign
from runs.actions.resume import resume_run
from runs.actions.specifications import add_revision
from runs.actions.start import RunOptions, start_run
from runs.actions.subsystems import add_subsystem
from runs.console.command import INTERRUPTED, MISSED, PASSED, ConsoleCommand
from runs.console.finding import all_subsystems, find_project, find_run, find_subsystem
from runs.console.interrupts import leave, sigterm_interrupts
from runs.console.logs import told_once
from runs.console.options import decimal, read_file, refusals
from runs.console.progress import Progress
from runs.models import Campaign, EventKind, Revision, Run, RunStatus, Subsystem

OUTPUT = Path("output")
EPILOG = """
Exit codes: 0 the gate was passed; 2 finished, but the gate was missed or a review is needed;
1 error; 130 interrupted (the run is left resumable).

Examples:
  manage.py decompose vessel.pdf --subsystem Navigation
  manage.py decompose vessel.pdf --subsystem Navigation --model openai/gpt-5-mini --estimate
  manage.py decompose vessel.pdf --subsystem "Cab radio" --code CAB --no-review --output out
  manage.py decompose vessel.pdf --all-subsystems --no-review --output out
  manage.py decompose --resume 1f0c9a2e
"""


# Options that belong to a new run, by the name that argparse stores them under.
OF_A_NEW_RUN = {
    "specification": "SPEC",
    "title": "--title",
    "subsystem": "--subsystem",
    "all_subsystems": "--all-subsystems",
    "code": "--code",
    "project": "--project",
    "quality_threshold": "--quality-threshold",
    "max_iterations": "--max-iterations",
    "review_before_decompose": "--review-before-decompose",
    "no_review": "--no-review",
    "model": "--model",
    "group": "--group",
    "estimate": "--estimate",
}


class Command(ConsoleCommand):
    help = "Decompose a specification for a subsystem and write the result's files."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        kwargs.setdefault("formatter_class", RawDescriptionHelpFormatter)
        return super().create_parser(prog_name, subcommand, epilog=EPILOG, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("specification", nargs="?", help=".txt, .md, .docx or .pdf")
        parser.add_argument("--subsystem", help="its name or code in the project")
        parser.add_argument(
            "--all-subsystems",
            action="store_true",
            help="a campaign: one extraction, one budget, and a run for each of the project",
        )
        parser.add_argument(
            "--code", help="2-10 capitals and digits: adds the subsystem if it is new"
        )
        parser.add_argument("--title", help="of the specification (default: the file's name)")
        parser.add_argument("--project", help="its slug; not needed if there is only one")
        parser.add_argument("--quality-threshold", type=decimal, help="0 to 1")
        parser.add_argument("--max-iterations", type=int, help="1 to 10")
        parser.add_argument(
            "--review-before-decompose", action="store_true", help="wait for a person's approval"
        )
        parser.add_argument(
            "--no-review", action="store_true", help="complete below the gate without waiting"
        )
        parser.add_argument(
            "--model", metavar="PROVIDER/NAME", help="asked first by every agent, or its own name"
        )
        parser.add_argument("--group", help="runs of the same group share a budget")
        parser.add_argument(
            "--estimate", action="store_true", help="say what it would cost and start nothing"
        )
        parser.add_argument("--resume", metavar="RUN", help="go on with this run (id or its end)")
        parser.add_argument("--output", type=Path, help="folder (default: output/run-<id>)")
        parser.add_argument("--format", choices=["table", "json"], default="table")
        parser.add_argument("--queue", action="store_true", help="let a worker execute it")
        parser.add_argument("--quiet", action="store_true", help="no progress lines")

    def handle(self, *args: Any, **options: Any) -> None:
        progress = Progress(quiet=options["quiet"])
        try:
            with refusals(), sigterm_interrupts(), told_once():
                code = self._handle(options, progress)
        except KeyboardInterrupt:
            progress.say("Interrupted.")
            code = INTERRUPTED
        if code != PASSED:
            sys.exit(code)

    def _handle(self, options: dict[str, Any], progress: Progress) -> int:
        if options["estimate"] and not options["resume"]:
            self._estimate(options)
            return PASSED
        if options["all_subsystems"] and not options["resume"]:
            return self._campaign(options, progress)
        if not options["resume"]:
            run = self._started(options, progress)
        else:
            check_nothing_new(options)
            run = find_run(options["resume"])
            if run.status == RunStatus.COMPLETED:  # its files may be wanted, or missing
                return self._present(run, options, progress)
            check_output(options)
            run = resume_run(None, run, enqueue=options["queue"])
        if options["queue"]:
            progress.say("Queued; a worker of 'manage.py serve' will execute it.")
            self.stdout.write(str(run.pk))
            return PASSED
        try:
            return self._execute(run, options, progress)
        except KeyboardInterrupt:
            leave(run)
            progress.say(f"Go on with: manage.py decompose --resume {run.short_id}")
            raise

    def _estimate(self, options: dict[str, Any]) -> None:
        """Print what the run would cost. Nothing is stored."""
        if not costs_are_shown():
            raise CommandError("COST_TRACKING_ENABLED is false here, so no estimate is shown.")
        from runs.console.estimates import (
            estimate_campaign_of_file,
            estimate_file,
            show_campaign_estimate,
            show_estimate,
        )
        from runs.estimating.shown import EstimateOut

        choice = chosen(options)
        project = find_project(options["project"])
        if options["all_subsystems"]:
            show_campaign_estimate(
                estimate_campaign_of_file(
                    project,
                    options["specification"],
                    all_subsystems(project),
                    choice,
                    options["title"] or "",
                ),
                project,
            )
            return
        subsystem = find_subsystem(project, options["subsystem"], options["code"])
        subsystem = subsystem or Subsystem(
            project=project, code=options["code"].upper(), name=options["subsystem"]
        )
        expected = estimate_file(
            project, options["specification"], subsystem, choice, options["title"] or ""
        )
        if options["format"] == "json":
            self.stdout.write(EstimateOut.of(expected).model_dump_json(indent=2))
        else:
            show_estimate(expected, project)

    def _campaign(self, options: dict[str, Any], progress: Progress) -> int:
        """A run for each subsystem, executed one after the other unless workers are to."""
        from runs.console.campaigns import execute_all, outcome, write_files

        choice = chosen(options)
        project = find_project(options["project"])
        subsystems = all_subsystems(project)
        check_output(options)
        revision = stored(project, options, progress)
        with transaction.atomic():
            campaign = start_campaign(None, revision, subsystems, choice, enqueue=options["queue"])
            if not options["queue"]:
                check_keys(campaign.runs.order_by("id")[0])
        if options["queue"]:
            progress.say("Queued; the workers of 'manage.py serve' will execute it.")
            self.stdout.write(str(campaign.pk))
            return PASSED
        execute_all(campaign, progress)
        folder = options["output"] or OUTPUT / f"campaign-{campaign.short_id}"
        files = write_files(campaign, folder)
        self._show_campaign(campaign, files, folder, options["format"])
        return outcome(campaign, progress)

    def _show_campaign(
        self, campaign: Campaign, files: list[Path], folder: Path, style: str
    ) -> None:
        from runs.console.campaigns import results_of
        from runs.console.show import show_summary

        results = results_of(campaign)
        if style == "table":
            show_summary(results, [folder / result.subsystem.code for result in results])
            return
        shown = {
            "campaign": str(campaign.pk),
            "files": [str(path) for path in files],
            "results": [result.model_dump(mode="json", by_alias=True) for result in results],
        }
        self.stdout.write(json.dumps(shown, indent=2, ensure_ascii=False))

    def _started(self, options: dict[str, Any], progress: Progress) -> Run:
        choice = chosen(options)
        project = find_project(options["project"])
        subsystem = find_subsystem(project, options["subsystem"], options["code"])
        check_output(options)
        revision = stored(project, options, progress)
        if subsystem is None:
            subsystem = add_subsystem(
                None, project, code=options["code"], name=options["subsystem"]
            )
        with transaction.atomic():
            run = start_run(None, revision, subsystem, choice, enqueue=options["queue"])
            if not options["queue"]:  # a worker has an environment of its own
                check_keys(run)
        tell_cost(run, progress)
        return run

    def _execute(self, run: Run, options: dict[str, Any], progress: Progress) -> int:
        from runs.actions.execute import execute

        title = run.revision.specification.title
        progress.say(f"{title}: {run.subsystem.name} (run {run.short_id})")
        if not execute(run.pk, progress):
            raise CommandError("A worker executes this run already; watch it on its page.")
        run.refresh_from_db()
        if run.status in {RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.OUT_OF_BUDGET}:
            raise CommandError(
                f"{run.get_status_display()}: {run.reason}\n"
                f"Go on with: manage.py decompose --resume {run.short_id}"
            )
        return self._present(run, options, progress)

    def _present(self, run: Run, options: dict[str, Any], progress: Progress) -> int:
        """Write the files, show the result, and say by the exit code how it came out."""
        files = self._write_files(run, options["output"])
        self._show(run, files, options["format"])
        if run.status == RunStatus.WAITING_REVIEW:
            progress.say(
                f"The run waits for a review: {run.reason}\nDecide it on its page, or approve it "
                f"with: manage.py decompose --resume {run.short_id}"
            )
        return PASSED if run.status == RunStatus.COMPLETED and run.gate_passed else MISSED

    def _write_files(self, run: Run, directory: Path | None) -> list[Path]:
        from runs import exports

        if run.status != RunStatus.COMPLETED:
            return []
        try:
            return exports.write(run, directory or OUTPUT / exports.folder_name(run))
        except InvalidInput as error:
            raise CommandError(
                f"The run is completed. {error.message}\nTo write its files again: "
                f"manage.py decompose --resume {run.short_id} --output DIR"
            ) from error

    def _show(self, run: Run, files: list[Path], style: str) -> None:
        from runs.exports.loading import load

        result = load(run)
        if style == "json":
            shown = {
                "files": [str(path) for path in files],
                "result": result.model_dump(mode="json", by_alias=True),
            }
            self.stdout.write(json.dumps(shown, indent=2, ensure_ascii=False))
            return
        from runs.console.show import show

        show(run, result, files)


def chosen(options: dict[str, Any]) -> RunOptions:
    """What the options say of a new run. Raises CommandError or InvalidInput."""
    one, every = options["subsystem"], options["all_subsystems"]
    if not options["specification"] or not (one or every):
        raise CommandError(
            "Give a specification and --subsystem NAME or --all-subsystems, or --resume RUN. "
            "See 'manage.py decompose --help'."
        )
    if every and (one or options["code"]):
        raise CommandError(
            "--all-subsystems is for all of the project; leave out --subsystem and --code."
        )
    if every and options["estimate"] and options["format"] == "json":
        raise CommandError("The estimate of a campaign is a table here; the API has it as JSON.")
    choice = RunOptions(
        quality_threshold=options["quality_threshold"],
        max_iterations=options["max_iterations"],
        review_strategy=options["review_before_decompose"],
        unattended=options["no_review"],
        model=find_model(options["model"]) if options["model"] else None,
        group=one_line(options["group"] or ""),
    )
    choice.check()
    return choice


def stored(project: Project, options: dict[str, Any], progress: Progress) -> Revision:
    """The revision that the file is, stored unless it is there already, which is told."""
    asked_at = timezone.now()
    content = read_file(options["specification"])
    name = Path(options["specification"]).name
    revision = add_revision(
        None, project, filename=name, content=content, title=options["title"] or ""
    )
    if revision.created_at < asked_at:
        progress.say(
            f"{name} is here already, as revision {revision.number} of "
            f"{revision.specification.title}; that is used."
        )
    return revision


def check_keys(run: Run) -> None:
    """Raise CommandError if a model that the run asks first has no key in this process."""
    from runs.estimating import missing_keys_of, why_no_key

    if missing := missing_keys_of(run.routes):
        raise CommandError(f"{why_no_key(missing)} Nothing was started.")


def tell_cost(run: Run, progress: Progress) -> None:
    """Say what the run is expected to cost, and if it was started on a cheaper model, why."""
    from runs.console.estimates import estimate_line

    if line := estimate_line(run):
        progress.say(line)
    for event in run.events.filter(kind=EventKind.WARNING):
        if costs_are_shown() or not event.tells_costs:
            progress.say(f"! {event.message}")


def check_nothing_new(options: dict[str, Any]) -> None:
    """Raise CommandError if an option was given that a run has from its start."""
    given = [
        shown
        for name, shown in OF_A_NEW_RUN.items()
        if options[name] is not None and options[name] is not False
    ]
    if given:
        raise CommandError(
            f"--resume goes on with a run as it was started, so it can't take {', '.join(given)}. "
            "Leave that out, or start a new run without --resume."
        )


def check_output(options: dict[str, Any]) -> None:
    """Raise NotWritable before anything is begun; a run for a worker writes no files here."""
    from runs.exports.packing import check_writable

    if not options["queue"]:
        check_writable(options["output"] or OUTPUT)
