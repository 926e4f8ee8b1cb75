"""Machines beside each other: what answers cost on each, from runs that were really made there."""

from assistant.machines.runs import ARCHITECTURES, Run, machines_table, read_runs, record, write_run

__all__ = ["ARCHITECTURES", "Run", "machines_table", "read_runs", "record", "write_run"]
