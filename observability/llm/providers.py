"""Which class speaks to which provider. Registered by path, loaded when first asked.

Web processes never call a model, so they never load a provider's SDK.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from observability.llm.errors import NoSuchProvider

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_paths: dict[str, str] = {}


def register(provider: str, path: str) -> None:
    """Let `provider` be spoken to by the chat model class at `path` ("module:Class")."""
    _paths[provider] = path


def chat_model(provider: str) -> "BaseChatModel":
    """A LangChain chat model. Raises NoSuchProvider if nothing is registered under this name."""
    if provider not in _paths:
        raise NoSuchProvider(
            f"No provider '{provider}' is registered; there are {', '.join(sorted(_paths))}."
        )
    module, _, name = _paths[provider].partition(":")
    model: BaseChatModel = getattr(import_module(module), name)()
    return model
