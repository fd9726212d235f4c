"""The providers' wire formats on 127.0.0.1, for the real SDKs to talk to.

    from tests.wire import WireServer, behaviours

    with WireServer(answers='{"score": 1}') as server:
        server.script(behaviours.error(503), behaviours.cached())
        ...  # OPENAI_BASE_URL=server.openai_url, or server.environment for all of them
        assert server.bill.total == Decimal("0.000123")

By hand and for benchmarks: `python -m tests.wire --port 0` prints the base URL.
"""

from tests.wire import behaviours
from tests.wire.asked import Asked
from tests.wire.behaviours import Behaviour
from tests.wire.billing import Bill, BillLine, Buckets, Prices
from tests.wire.server import WireServer

__all__ = [
    "Asked",
    "Behaviour",
    "Bill",
    "BillLine",
    "Buckets",
    "Prices",
    "WireServer",
    "behaviours",
]
