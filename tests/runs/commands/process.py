"""`manage.py decompose` as a process of its own, with the test's database and local provider."""

import os
import subprocess
import sys
from pathlib import Path

from django.db import connection

from tests.wire import WireServer

ROOT = Path(__file__).resolve().parent.parent.parent.parent
Process = subprocess.Popen[str]


def database_url() -> str:
    """That of the test's database."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    return f"postgresql://{values['USER']}@/{values['NAME']}?host={values['HOST']}"


def decompose(wire: WireServer, folder: Path, *arguments: str, **environment: str) -> Process:
    """The process, begun; its files go to `folder`/out. The test's transactions must be real."""
    variables = {
        **os.environ, **wire.environment, "DATABASE_URL": database_url(),
        "REQPLATFORM_DATA_DIR": str(folder), "COLUMNS": "200", **environment,
    }  # fmt: skip
    return subprocess.Popen(
        [
            sys.executable, str(ROOT / "manage.py"), "decompose", *arguments,
            "--output", str(folder / "out"),
        ],
        env=variables, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
