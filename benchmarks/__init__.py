"""Side by side with peers: one module a work, run as `python -m benchmarks.NAME [--size S] --json`."""
