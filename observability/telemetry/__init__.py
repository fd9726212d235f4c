"""Model calls told to others by OpenTelemetry's names for generative AI.

`names` are the attributes, which LangSmith's metadata have as well; `spans` sends a span of each
call by OTLP where OTEL_EXPORTER_OTLP_ENDPOINT says where to. Without it nothing of OpenTelemetry's
is loaded. Nothing that goes wrong here reaches the call.
"""

from observability.telemetry.spans import flush, is_on, tell

__all__ = ["flush", "is_on", "tell"]
