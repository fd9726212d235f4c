"""manage.py add_model: a model that runs may ask, from the command line."""

import argparse
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from observability.actions.add_model import Added, Wanted, add_model, nearest, route_for
from observability.admin.columns import price_text
from observability.management.addresses import problem_of
from observability.management.projects import find_project
from observability.models import AnswerFormat, ModelProfile, Node, Provider
from reqplatform.errors import ActionError
from reqplatform.teams.models import Project


def dollars(raw: str) -> Decimal:
    """An argparse type for an amount of dollars."""
    try:
        amount = Decimal(raw)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not (amount.is_finite() and 0 <= amount < 10**6):
        raise argparse.ArgumentTypeError(f"{raw!r} is no price in dollars, such as 0.25")
    return amount


def tokens(raw: str) -> int:
    """An argparse type for a number of tokens."""
    if not (raw.isascii() and raw.isdigit() and 0 < int(raw) < 2**31):
        raise argparse.ArgumentTypeError(f"{raw!r} is no number of tokens, such as 16000")
    return int(raw)


BEHIND_A_NETWORK = [one.value for one in Provider if one != Provider.EMBEDDED]


class Command(BaseCommand):
    help = "Add a model, or change what is said of it. What is known of it is filled in."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "model", metavar="PROVIDER/NAME", help=f"providers: {', '.join(BEHIND_A_NETWORK)}"
        )
        parser.add_argument("--base-url", default="", help="of an OpenAI-compatible server")
        parser.add_argument("--context-window", type=tokens, metavar="N", help="tokens")
        parser.add_argument("--max-output", type=tokens, metavar="N", help="tokens of an answer")
        parser.add_argument(
            "--input-price", type=dollars, metavar="X", help="dollars per million tokens"
        )
        parser.add_argument("--output-price", type=dollars, metavar="Y")
        parser.add_argument("--free", action="store_true", help="it costs nothing: a local model")
        parser.add_argument("--answer-format", choices=AnswerFormat.values)
        parser.add_argument(
            "--streaming", action="store_true", default=None, help="take answers in pieces"
        )
        parser.add_argument(
            "--route-for", metavar="PROJECT", help="let every agent of this project ask it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        project = _project(options["route_for"])
        try:
            added = add_model(None, _wanted(options))
            routes = route_for(None, project, added.profile) if project else []
        except ActionError as error:
            raise CommandError(error.message) from error
        self.stdout.write(_told(added))
        if key := added.profile.key_name:
            state = "is set" if os.environ.get(key, "").strip() else "is not set here"
            self.stdout.write(f"Its key is read from {key}, which {state}.")
        if project:
            self.stdout.write(_routed(project, added.profile, len(routes)))
        for warning in _warnings(added.profile, free=options["free"]):
            self.stderr.write(self.style.WARNING(f"! {warning}"))


def _project(slug: str | None) -> Project | None:
    return find_project(slug, Project.objects.filter(archived_at=None)) if slug else None


def _warnings(profile: ModelProfile, *, free: bool) -> Iterator[str]:
    """What is odd about what was added, and yet may be meant."""
    if free and not profile.base_url and profile.provider in BEHIND_A_NETWORK:
        yield (
            f"{profile.get_provider_display()} bills its calls all the same: with --free they "
            "count as $0 in every budget. Give the prices instead."
        )
    if problem := problem_of(profile):
        yield problem


def _wanted(options: dict[str, Any]) -> Wanted:
    provider, _, model = options["model"].partition("/")
    if provider not in Provider.values or not model:
        raise CommandError(
            f"{options['model']!r} is no PROVIDER/NAME, such as openai/gpt-5-mini. "
            f"{nearest(options['model'])}The providers: {', '.join(BEHIND_A_NETWORK)}."
        )
    prices = (options["input_price"], options["output_price"])
    if options["free"]:
        if any(price for price in prices):
            raise CommandError("A model is --free or has a price, not both.")
        prices = (Decimal(0), Decimal(0))
    answer_format = options["answer_format"]
    return Wanted(
        provider=Provider(provider),
        model=model,
        base_url=options["base_url"],
        context_window=options["context_window"],
        max_output_tokens=options["max_output"],
        input_price=prices[0],
        output_price=prices[1],
        answer_format=AnswerFormat(answer_format) if answer_format else None,
        streaming=options["streaming"],
    )


def _told(added: Added) -> str:
    profile = added.profile
    if added.created:
        done = "Added"
    else:
        done = f"Changed {', '.join(added.changed)} of" if added.changed else "Nothing to change in"
    off = "" if profile.enabled else f" It is switched off: {profile.disabled_reason}"
    return (
        f"{done} {profile.name} ({profile.key}): context window {profile.context_window:,} tokens, "
        f"at most {profile.max_output_tokens:,} of output. {price_text(added.price)}{off}"
    )


def _routed(project: Project, profile: ModelProfile, added: int) -> str:
    places = project.routes.filter(profile=profile).order_by("pk").values_list("node", "position")
    said = ", ".join(f"{Node(node).label} {position}" for node, position in places)
    done = "Asked by" if added else "Was asked already by"
    return (
        f"{done} the agents of {project.name} at place: {said}. Change the order under Routes in "
        "the admin."
    )
