"""Making a model known: its profile, filled in as far as anybody knows it, and its routes."""

from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.text import capfirst

from observability.actions.routes import place_route
from observability.llm.errors import NoPrice
from observability.llm.routes import EMBEDDED
from observability.models import AnswerFormat, ModelProfile, Node, Provider, Route
from observability.pricing import Price, list_models, price_of
from reqplatform.errors import InvalidInput, NotAllowed
from reqplatform.teams.models import Project, User

USUAL_CAP = 16_000  # tokens: enough for a full request, and a hold that budgets can bear
LAST = 9_999  # a position behind all others

ADDRESS = "http://127.0.0.1:8080/v1."
NO_WINDOW = (
    "Nobody knows how much {} reads at once. Give its context window in tokens, such as "
    "--context-window 32768."
)
NO_PRICE = (
    "Nobody knows what a call of {} would cost, so it would never be asked. Give its price with "
    "--input-price and --output-price, in dollars per million tokens, or say --free if it costs "
    "nothing."
)

_CHATS: dict[str, tuple[str, str]] = {
    Provider.OPENAI: ("langchain_openai", "ChatOpenAI"),
    Provider.ANTHROPIC: ("langchain_anthropic", "ChatAnthropic"),
    Provider.GOOGLE: ("langchain_google_genai", "ChatGoogleGenerativeAI"),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model as a person describes it. None keeps what is there, or takes what is known.

    Prices are US dollars per million tokens; 0 for both says that the model costs nothing.
    """

    provider: Provider
    model: str
    base_url: str = ""
    context_window: int | None = None
    max_output_tokens: int | None = None
    input_price: Decimal | None = None
    output_price: Decimal | None = None
    cache_read_price: Decimal | None = None
    cache_write_price: Decimal | None = None
    cache_write_1h_price: Decimal | None = None
    answer_format: AnswerFormat | None = None
    streaming: bool | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """`changed`: the fields that were set; all of them if the profile was created."""

    profile: ModelProfile
    created: bool
    changed: tuple[str, ...]
    price: Price


def add_model(user: User | None, wanted: Wanted) -> Added:
    """Add the model, or change what `wanted` says of it. Doing it again changes nothing.

    Administrators only. Raises InvalidInput, and then leaves nothing, for a model that nobody knows
    the price or the context window of, and for values that do not fit together or the model.
    """
    if user is not None and not (user.is_active and user.is_superuser):
        raise NotAllowed("Models belong to the whole installation: an administrator adds them.")
    if wanted.provider == Provider.EMBEDDED and wanted.model != EMBEDDED.model:
        raise InvalidInput(
            f"There is no embedded model {wanted.model}: the product has {EMBEDDED.key} alone.",
            field="model",
        )
    identity = {"provider": wanted.provider, "model": wanted.model, "base_url": wanted.base_url}
    with transaction.atomic():
        known = ModelProfile.objects.select_for_update().filter(**identity).first()
        profile = known or _new(ModelProfile(**identity), wanted)
        changed = _apply(profile, wanted)
        price = _checked(profile)
        if "max_output_tokens" in changed:
            check_cap(profile)
        if known is None or changed:
            profile.save()
    return Added(profile, known is None, changed, price)


def nearest(reference: str) -> str:
    """ "Did you mean openai/gpt-5-mini? ", of what a person wrote for PROVIDER/NAME; "" if nothing
    known is near."""
    provider, slash, model = reference.strip().casefold().rpartition("/")
    whose = get_close_matches(provider, Provider.values, n=1) if slash else list(Provider.values)
    known = {row.model: f"{one}/{row.model}" for one in whose for row in list_models(one)}
    near = [model] if model in known else get_close_matches(model, known, n=3, cutoff=0.8)
    found = [known[name] for name in near]
    if slash and whose and not found and whose != [provider]:
        found = [f"{whose[0]}/{model}"]
    return f"Did you mean {' or '.join(found)}? " if found else ""


def route_for(user: User | None, project: Project, profile: ModelProfile) -> list[Route]:
    """Let every agent of the project ask the model, after those that it asks already. Owners only.

    The routes that were added: those that are there stay where they are.
    """
    added = []
    with transaction.atomic():
        for node in Node:
            there = Route.objects.filter(project=project, node=node, profile=profile).exists()
            if node == Node.DOCUMENT or there:  # documenting asks no model
                continue
            route = Route(project=project, node=node, profile=profile, position=LAST)
            place_route(user, route)
            added.append(route)
    return added


def _new(profile: ModelProfile, wanted: Wanted) -> ModelProfile:
    """With all that the price list and LangChain know of it."""
    name, window, most = _known(profile)
    profile.context_window = wanted.context_window or window or 0
    _check_known(profile, wanted)
    cap = min(USUAL_CAP, profile.context_window // 2)
    if profile.provider == Provider.EMBEDDED:
        cap = EMBEDDED.max_output_tokens
    profile.max_output_tokens = min(cap, most) if most else cap
    profile.name = _free_name(profile, name)
    return profile


def _check_known(profile: ModelProfile, wanted: Wanted) -> None:
    """Raise InvalidInput with all that a person has to say of a model that no list knows."""
    missing: list[tuple[str, str]] = []
    if not profile.context_window:
        missing.append(("context_window", NO_WINDOW.format(profile.model)))
    if profile.provider == Provider.COMPATIBLE and not profile.base_url:
        missing.append(("base_url", "Say with --base-url where the server is, such as " + ADDRESS))
    if missing and wanted.input_price is None and wanted.output_price is None:
        try:
            price_of(profile, timezone.now())
        except NoPrice:
            missing.append(("input_price", NO_PRICE.format(profile.model)))
    if missing:
        said = " ".join(sentence for _, sentence in missing)
        raise InvalidInput(f"{nearest(profile.key)}{said}", field=missing[0][0])


def _known(profile: ModelProfile) -> tuple[str, int | None, int | None]:
    """The model's name, its context window and the most it answers at once, in tokens."""
    if profile.provider == Provider.EMBEDDED:
        return EMBEDDED.name, EMBEDDED.context_window, EMBEDDED.max_output_tokens
    try:
        listed_as = price_of(profile, timezone.now()).listed_as.partition("/")[2]
    except NoPrice:
        listed_as = ""
    listed = next((one for one in list_models(profile.provider) if one.model == listed_as), None)
    limits = _limits(profile) if listed else {}
    window = (listed.context_window if listed else None) or limits.get("max_input_tokens")
    return (listed.name if listed else profile.model), window, limits.get("max_output_tokens")


def _limits(profile: ModelProfile) -> dict[str, Any]:
    """What LangChain's own data say of the model; nothing is asked."""
    module, name = _CHATS[profile.provider]
    model = getattr(import_module(module), name)(model=profile.model, api_key="none")
    return dict(model.profile or {})


def _free_name(profile: ModelProfile, name: str) -> str:
    """A name that no other model has."""
    host = urlsplit(profile.base_url).netloc
    choices = [name, profile.model, f"{profile.model} at {host}" if host else profile.key]
    for choice in choices:
        if not ModelProfile.objects.filter(name=choice[:80]).exists():
            return choice[:80]
    raise InvalidInput(
        f"Other models have the names {', '.join(choices)}. Rename one under Model profiles in the "
        "admin.",
        field="model",
    )


def _apply(profile: ModelProfile, wanted: Wanted) -> tuple[str, ...]:
    given = {
        name: value
        for name in (
            "context_window",
            "max_output_tokens",
            "input_price",
            "output_price",
            "cache_read_price",
            "cache_write_price",
            "cache_write_1h_price",
            "answer_format",
            "streaming",
        )
        if (value := getattr(wanted, name)) is not None
    }
    changed = tuple(name for name, value in given.items() if getattr(profile, name) != value)
    for name in changed:
        setattr(profile, name, given[name])
    return changed


def check_cap(profile: ModelProfile) -> None:
    """Raise InvalidInput if the profile lets the model answer more than it can, as far as known."""
    bare = ModelProfile(
        provider=profile.provider, model=profile.model, base_url=profile.base_url
    )  # without prices of its own, which would hide what it is listed as
    _, _, most = _known(bare)
    if most and profile.max_output_tokens > most:
        raise InvalidInput(
            f"{profile.model} answers with at most {most:,} tokens: a cap of "
            f"{profile.max_output_tokens:,} is too large.",
            field="max_output_tokens",
        )


def _checked(profile: ModelProfile) -> Price:
    """The model's price. Raises InvalidInput if it has none, or if its profile does not hold."""
    if profile.max_output_tokens > profile.context_window:
        raise InvalidInput(
            f"{profile.model} would answer with up to {profile.max_output_tokens:,} tokens, more "
            f"than its context window of {profile.context_window:,}.",
            field="max_output_tokens",
        )
    try:
        profile.full_clean(validate_constraints=False)  # said in words above and in clean()
    except ValidationError as error:
        raise InvalidInput(_in_words(error), field=next(iter(error.message_dict))) from error
    try:
        return price_of(profile, timezone.now())
    except NoPrice as error:
        raise InvalidInput(
            f"{nearest(profile.key)}{NO_PRICE.format(profile.model)}",
            code="no_price",
            field="input_price",
        ) from error


def _in_words(error: ValidationError) -> str:
    """What is wrong, field by field: "Input price: Ensure that this value is ..."."""
    if "base_url" in error.message_dict:
        return f"Give the whole base URL, such as {ADDRESS}"
    return " ".join(
        message if field == NON_FIELD_ERRORS else f"{_label(field)}: {message}"
        for field, messages in error.message_dict.items()
        for message in messages
    )


def _label(field: str) -> str:
    return capfirst(str(getattr(ModelProfile._meta.get_field(field), "verbose_name", field)))
