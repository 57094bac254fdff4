"""Benchmarks of the engine, the server and the pages: `manage.py benchmark` and `make bench-…`."""
