"""Descriptions of shapes with an example each."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict


def with_example(example: dict[str, Any]) -> ConfigDict:
    """The configuration of a shape that is described by its docstrings and `example`."""
    return ConfigDict(extra="allow", json_schema_extra={"examples": [example]}, use_attribute_docstrings=True)
