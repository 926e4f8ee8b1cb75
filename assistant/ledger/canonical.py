"""The one way to write a value as JSON (RFC 8785), so that its digest is the same wherever it is written."""

from __future__ import annotations

import json
from typing import Any

import rfc8785

_MOST = 2**53
"""From here on a whole number is not exact in every reader of JSON; RFC 8785 refuses it."""


def canonical(value: Any) -> str:
    """The one way to write `value` as JSON (RFC 8785); raises ValueError where there is none.

    Python's own writer does it several times faster, for all that the two write alike; a turn waits for its receipt.
    Where something within is written otherwise, as the price of one answer often is, only that takes the longer way.
    """
    try:
        written = _write(_alike(value))
        written.encode()
    except (_OtherwiseError, UnicodeEncodeError):
        return _part_by_part(value)
    return written


def _part_by_part(value: Any) -> str:
    if type(value) is dict and all(type(name) is str and name.isascii() for name in value):
        return "{" + ",".join(f"{_write(name)}:{canonical(value[name])}" for name in sorted(value)) + "}"
    if type(value) in (list, tuple):
        return "[" + ",".join(canonical(each) for each in value) + "]"
    return rfc8785.dumps(value).decode()


class _OtherwiseError(Exception):
    """Something in the value is not written alike by both."""


_write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode


def _alike(value: Any) -> Any:
    """The value with whole numbers as such; raises _OtherwiseError where Python would not write it as RFC 8785 does."""
    kind = type(value)
    if value is None or kind is str or kind is bool:
        return value
    if kind is int and -_MOST < value < _MOST:
        return value
    if kind is float:
        return _number(value)
    if kind is list or kind is tuple:
        return [_alike(each) for each in value]
    if kind is dict:
        return {_name(name): _alike(each) for name, each in value.items()}
    raise _OtherwiseError


def _number(value: float) -> float:
    if value.is_integer() and -_MOST < value < _MOST:
        return int(value)  # Without ".0"; and there is one zero.
    if 1e-4 <= abs(value) < _MOST:  # Python writes it without an exponent, as ECMAScript does.
        return value
    raise _OtherwiseError


def _name(name: Any) -> str:
    """Beyond ASCII names may be sorted otherwise: RFC 8785 goes by UTF-16."""
    if type(name) is str and name.isascii():
        return name
    raise _OtherwiseError
