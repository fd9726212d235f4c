from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "runs"

    def ready(self) -> None:
        from observability.llm import providers

        providers.register("embedded", "runs.analyst.provider:EmbeddedChatModel")
