from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q


class Provider(models.TextChoices):
    """Whose chat interface a model speaks."""

    EMBEDDED = "embedded", "Embedded analyst"
    OPENAI = "openai", "OpenAI"
    ANTHROPIC = "anthropic", "Anthropic"
    GOOGLE = "google", "Google Gemini"
    COMPATIBLE = "openai_compatible", "OpenAI-compatible server"


class OutputCap(models.TextChoices):
    """What the cap on output is called on the wire. Under a wrong name it is no cap."""

    MAX_COMPLETION_TOKENS = "max_completion_tokens", "max_completion_tokens (OpenAI)"
    MAX_TOKENS = "max_tokens", "max_tokens (Anthropic, llama.cpp, vLLM, Ollama)"
    MAX_OUTPUT_TOKENS = "max_output_tokens", "max_output_tokens (Google)"


class AnswerFormat(models.TextChoices):
    """How a server is told to answer in JSON, beside being asked to in words."""

    TEXT = "text", "In words only"
    JSON_OBJECT = "json_object", "JSON mode"
    JSON_SCHEMA = "json_schema", "JSON by schema"


CAP_OF: dict[str, OutputCap] = {
    Provider.EMBEDDED: OutputCap.MAX_TOKENS,
    Provider.OPENAI: OutputCap.MAX_COMPLETION_TOKENS,
    Provider.ANTHROPIC: OutputCap.MAX_TOKENS,
    Provider.GOOGLE: OutputCap.MAX_OUTPUT_TOKENS,
    Provider.COMPATIBLE: OutputCap.MAX_TOKENS,
}
KEY_OF: dict[str, str] = {
    Provider.OPENAI: "OPENAI_API_KEY",
    Provider.ANTHROPIC: "ANTHROPIC_API_KEY",
    Provider.GOOGLE: "GOOGLE_API_KEY",
}
PRICES = (
    "input_price",
    "output_price",
    "cache_read_price",
    "cache_write_price",
    "cache_write_1h_price",
)


def _price(help_text: str) -> Any:
    return models.DecimalField(
        max_digits=12,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=help_text,
    )


def _not_negative(field: str) -> Q:
    return Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": 0})


class ModelProfile(models.Model):
    """A model that calls can be routed to, and what the gateway must know about it.

    Prices are US dollars per million tokens. Empty, they come from the built-in price list; given,
    they win over it. 0 is a price: it says that the model costs nothing.
    """

    name = models.CharField(max_length=80, unique=True)
    provider = models.CharField(max_length=20, choices=Provider.choices)
    model = models.CharField(max_length=120, help_text="The provider's own name of the model.")
    base_url = models.URLField(
        blank=True,
        help_text="Of an OpenAI-compatible server, such as http://127.0.0.1:8080/v1. "
        "Empty: the provider's own.",
    )
    api_key_env = models.CharField(
        "environment variable of the key",
        max_length=60,
        blank=True,
        validators=[
            RegexValidator(
                r"^[A-Z][A-Z0-9_]*_API_KEY\Z",
                "Name an environment variable that ends in _API_KEY. The key itself is never "
                "stored here.",
            )
        ],
        help_text="Empty: the provider's usual one, such as OPENAI_API_KEY.",
    )
    context_window = models.PositiveIntegerField(help_text="Tokens, input and output together.")
    max_output_tokens = models.PositiveIntegerField(help_text="The cap sent with every call.")
    output_cap = models.CharField(
        "name of the cap",
        max_length=24,
        choices=OutputCap.choices,
        blank=True,
        help_text="What the cap is called in a request. Empty: the provider's usual name.",
    )
    answer_format = models.CharField(
        max_length=12, choices=AnswerFormat.choices, default=AnswerFormat.TEXT
    )
    streaming = models.BooleanField(
        default=False, help_text="Take answers in pieces; some servers cut long ones otherwise."
    )
    sends_temperature = models.BooleanField(
        default=True, help_text="Off for models that refuse a temperature, as reasoning models do."
    )
    timeout_seconds = models.PositiveSmallIntegerField(
        default=180, validators=[MinValueValidator(1)], help_text="How long one answer may take."
    )

    input_price = _price("Dollars per million input tokens. Empty: from the price list.")
    output_price = _price("Dollars per million output tokens, reasoning included.")
    cache_read_price = _price("Empty: the price of input.")
    cache_write_price = _price("Kept for 5 minutes. Empty: 1.25 times the price of input.")
    cache_write_1h_price = _price("Kept for an hour. Empty: twice the price of input.")
    energy_wh_per_1k_output = models.DecimalField(
        "energy",
        max_digits=10,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="Watt-hours per 1,000 output tokens. Empty: estimated where the model is known.",
    )

    enabled = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "model", "base_url"], name="profile_model_unique"
            ),
            models.CheckConstraint(
                name="profile_output_fits_window",
                condition=Q(max_output_tokens__lte=F("context_window")),
            ),
            models.CheckConstraint(
                name="profile_output_positive", condition=Q(max_output_tokens__gte=1)
            ),
            *(
                models.CheckConstraint(
                    name=f"profile_{field}_valid", condition=_not_negative(field)
                )
                for field in PRICES
            ),
            models.CheckConstraint(
                name="profile_prices_together",
                condition=Q(input_price__isnull=True, output_price__isnull=True)
                | Q(input_price__isnull=False, output_price__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.output_cap:
            self.output_cap = CAP_OF.get(self.provider, OutputCap.MAX_TOKENS)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        if self.provider == Provider.COMPATIBLE and not self.base_url:
            raise ValidationError(
                {"base_url": "Say where the server is, such as http://127.0.0.1:8080/v1."}
            )
        if self.max_output_tokens == 0:
            raise ValidationError({"max_output_tokens": "An answer needs at least one token."})
        if (self.max_output_tokens or 0) > (self.context_window or 0):
            raise ValidationError(
                {
                    "max_output_tokens": "An answer has to fit into the context window, together "
                    "with the request: give a smaller cap."
                }
            )
        if (self.input_price is None) != (self.output_price is None):
            missing = "input_price" if self.input_price is None else "output_price"
            raise ValidationError(
                {missing: "Give the prices of both input and output, or neither."}
            )
        others = (self.cache_read_price, self.cache_write_price, self.cache_write_1h_price)
        if self.input_price is None and any(price is not None for price in others):
            raise ValidationError("Prices of a cache need the prices of input and output, too.")

    @property
    def key(self) -> str:
        """How rows that pin a model name it: `embedded/analyst-1`."""
        return f"{self.provider}/{self.model}"

    @property
    def key_name(self) -> str:
        """The environment variable that holds the key; "" if none is needed."""
        return self.api_key_env or KEY_OF.get(self.provider, "")

    @property
    def cap_name(self) -> str:
        """What the cap is called on the wire."""
        return str(self.output_cap or CAP_OF.get(self.provider, OutputCap.MAX_TOKENS))
