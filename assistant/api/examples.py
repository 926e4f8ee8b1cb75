"""Descriptions of shapes with an example each."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict


def with_example(example: dict[str, Any]) -> ConfigDict:
    """The configuration of a shape that is described by its docstrings and `example`."""
    return ConfigDict(extra="allow", json_schema_extra={"examples": [example]}, use_attribute_docstrings=True)


RELEASE = "sha256:9f2c64ce4f6fbc6a8f4a5dd7a7a8f0e4b1c3a5d0e9b8c7d6f5a4b3c2d1e0f9a8"
"""The digest of a release, as examples name it."""
