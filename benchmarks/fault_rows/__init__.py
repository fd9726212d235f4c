"""The rows of `benchmarks/faults.py`: each breaks something for real, and measures what follows."""
