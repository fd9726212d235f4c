"""The settings' variables are documented, and no secret has a default."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).parent.parent
READ = re.compile(r"env\.(?:\w+)\(\s*\"([A-Z_]+)\"", re.DOTALL)


def test_every_variable_is_listed_in_the_example() -> None:
    read = set(READ.findall((ROOT / "reqplatform" / "settings.py").read_text()))
    listed = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert len(read) > 15
    assert read == listed


def test_secure_by_default() -> None:
    assert settings.DEBUG is False
    assert "*" not in settings.ALLOWED_HOSTS
    assert len(settings.SECRET_KEY) >= 32
