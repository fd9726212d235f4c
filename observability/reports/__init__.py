"""What the records say, as frozen values: pure queries that change nothing."""
