"""A guardrailed assistant service: rails decide, a small model answers from evidence, every sentence is checked."""

__version__ = "0.1.0"
