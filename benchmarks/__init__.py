"""Measurements, not tests: `make bench` prints tables and writes JSON under out/benchmarks.

Every number is a median of several runs and says on which machine. `--record` appends a run to
benchmarks/records.jsonl, so that the next one shows what changed.
"""
