"""The server as a process of its own: prints its base URL, then answers until it is stopped.

GET /_wire/bill is what it would charge; POST /_wire/script {"behaviours": ["slow:2", "error:503"]}
says how the next requests are answered.
"""

import argparse
import signal
import sys
import threading
from decimal import Decimal

from tests.wire.answers import by_analyst
from tests.wire.behaviours import named
from tests.wire.billing import Prices
from tests.wire.server import WireServer


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m tests.wire", description=__doc__)
    options.add_argument("--port", type=int, default=0, help="0: any that is free")
    options.add_argument("--answer", default="{}", help="what is said to every request")
    options.add_argument(
        "--analyst", action="store_true", help="answer as the embedded analyst would"
    )
    options.add_argument("--default", default="normal", help="a behaviour, such as slow:0.5")
    options.add_argument(
        "--prices",
        default="1,4,0.1,1.25,2",
        help="dollars per million tokens: input, output, cache read, write, write for an hour",
    )
    options.add_argument(
        "--cap", action="append", help="the only names under which chat completions take a cap"
    )
    return options


def main(arguments: list[str]) -> None:
    given = parser().parse_args(arguments)
    server = WireServer(
        by_analyst if given.analyst else given.answer,
        prices=Prices(*(Decimal(price) for price in given.prices.split(","))),
        default=named(given.default),
        openai_caps=given.cap or ("max_completion_tokens", "max_tokens"),
        port=given.port,
    )
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        stop.wait()


if __name__ == "__main__":
    main(sys.argv[1:])
