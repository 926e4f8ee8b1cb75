"""Processes that answer over HTTP: one, or several under a supervisor."""
