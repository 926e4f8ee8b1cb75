"""YAML 1.2, read many times faster than ruamel.yaml reads it, and as it does: a start reads a megabyte of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver

_DEEPEST, _HOPELESS = 50, 200
_ODD = re.compile(r"[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\U00010000-\U0010fffd]")
"""What ends a line or stands for a blank here and not there, if it may stand there at all."""
_PLAIN = "tag:yaml.org,2002:str"
_SIMPLE = frozenset(f"tag:yaml.org,2002:{each}" for each in ("int", "float", "bool", "null"))
_RESOLVER = VersionedResolver()  # Of 1.2, where a plain `no` is a word.


def read_yaml(text: str) -> object:
    """What `text` holds; raises YAMLError, ValueError, TypeError or RecursionError, each as ruamel.yaml does.

    libyaml takes the text apart, of which ruamel.yaml is asked what each plain word is. What is not of the everyday
    kind, as a key that stands there twice or a tag, and what libyaml cannot read, is read by ruamel.yaml alone.
    """
    with suppress(_Otherwise, yaml.YAMLError):
        if not _ODD.search(text):
            return _built(yaml.parse(text, Loader=yaml.CSafeLoader))
    _refuse_depth(text)
    return YAML(typ="safe", pure=True).load(text)


class _Otherwise(Exception):
    """Something that is left to ruamel.yaml."""


def _refuse_depth(text: str) -> None:
    """Raises RecursionError where ruamel.yaml would, after seconds for a text of some thousand brackets."""
    depth = 0
    with suppress(yaml.YAMLError):
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _HOPELESS:
                raise RecursionError(f"nested more than {_HOPELESS} deep")


def _built(events: Iterator[yaml.Event]) -> object:
    """The one document of `events`. What is open is on a stack of ours: that of C has an end."""
    whole: list[Any] = []
    opened: list[list[Any] | dict[Any, Any]] = [whole]
    keys: list[list[Any]] = [[]]  # The key that waits for its value, for each that is open.
    for event in events:
        if isinstance(event, yaml.ScalarEvent):
            _put(opened[-1], keys[-1], _scalar(event))
        elif isinstance(event, yaml.CollectionStartEvent):
            if event.anchor or event.tag or len(opened) > _DEEPEST:
                raise _Otherwise
            begun: list[Any] | dict[Any, Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
            _put(opened[-1], keys[-1], begun)
            opened.append(begun)
            keys.append([])
        elif isinstance(event, yaml.CollectionEndEvent):
            opened.pop()
            keys.pop()
        elif isinstance(event, yaml.AliasEvent):
            raise _Otherwise
    if len(whole) != 1:
        raise _Otherwise
    return whole[0]


def _put(inside: list[Any] | dict[Any, Any], key: list[Any], value: Any) -> None:
    if isinstance(inside, list):
        inside.append(value)
    elif key:
        inside[key.pop()] = value
    elif type(value) is not str or value in inside:
        raise _Otherwise
    else:
        key.append(value)


def _scalar(event: yaml.ScalarEvent) -> Any:
    if event.anchor or event.tag:
        raise _Otherwise
    return _meant(event.value) if event.implicit[0] else event.value


@lru_cache(maxsize=4096)
def _meant(word: str) -> Any:
    """What a plain `word` stands for."""
    kind = str(_RESOLVER.resolve(ScalarNode, word, (True, False)))
    if kind == _PLAIN:
        return word
    if kind not in _SIMPLE:
        raise _Otherwise  # A date, a merge.
    return YAML(typ="safe", pure=True).load(word)
