"""The example that the demo decomposes: one specification in three forms, and its subsystems."""
