"""How much a document may ask of this machine. Checked before, or while, it is read."""

MAX_BYTES = 20 * 1024 * 1024
MAX_PAGES = 2_000
MAX_BLOCKS = 500_000  # about 150 bytes each in memory; 20 MB of one-line requirements have 350,000
MAX_ARCHIVE_ENTRIES = 5_000
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_UNPACKED_RATIO = 150  # Word's own XML packs 10 to 40 times; only bombs pack better
RATIO_FREE_BYTES = 20 * 1024 * 1024  # small archives may pack as well as they like

PARSE_SECONDS = 60.0
PARSE_MEMORY_MB = 1_024  # address space of the child process
