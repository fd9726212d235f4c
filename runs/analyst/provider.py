"""The embedded analyst as a LangChain chat model: provider "embedded", no network, no tokens."""

from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from runs.analyst.envelope import EnvelopeError, read
from runs.analyst.tasks import answer

MODEL_NAME = "embedded-analyst"


class EmbeddedChatModel(BaseChatModel):
    """Answers the structured requests of the graph's nodes by rules.

    It reads the request from the last human message (see `runs.analyst.envelope`) and ignores the
    prose of the system message: the method reaches it as the skill's parameters. The answer is
    the answer model's JSON; there is no usage, because there are no tokens.
    Raises EnvelopeError for messages that hold no such request.
    """

    model_name: str = MODEL_NAME

    @property
    def _llm_type(self) -> str:
        return "embedded"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": self.model_name}

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        envelope = read(_request_text(messages))
        answered = answer(envelope.task, envelope.request, envelope.parameters)
        message = AIMessage(
            content=answered.model_dump_json(),
            response_metadata={"model_name": self.model_name, "finish_reason": "stop"},
        )
        return ChatResult(generations=[ChatGeneration(message=message)])


def _request_text(messages: list[BaseMessage]) -> str:
    for message in reversed(messages):
        if isinstance(message, HumanMessage):
            if isinstance(message.content, str):
                return message.content
            break
    raise EnvelopeError(
        "There is no human message with a text to answer. Write the messages with "
        "runs.analyst.envelope.render."
    )
