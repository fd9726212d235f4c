"""The processes of a machine, and what looks after them."""
