"""Rail files with one thing changed and all the rest, comments included, as it was. Each returns the new text."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from assistant.errors import Invalid
from assistant.rails.sheets import Expected

_DEFINE = re.compile(r"^define (user|bot) (.+?)\s*(?:#.*)?$")
_TEXT = re.compile(r'^(\s*)"([^"]*)"(.*)$')
_NAME = re.compile(r"[^\W_A-Z]+(?:[ -][^\W_A-Z]+)*")


@dataclass(frozen=True, slots=True)
class Form:
    """One form of topics.co, as its file has it."""

    name: str
    examples: tuple[str, ...]


def forms_of(text: str) -> tuple[Form, ...]:
    """The forms of topics.co in order, as far as the file can be read."""
    lines = text.split("\n")
    found = _definitions(lines)
    return tuple(Form(name, tuple(said for _, said in _texts(lines, start, end))) for name, start, end in found)


def with_example(text: str, form: str, example: str) -> str:
    """topics.co with one more example at the end of `form`. Raises Invalid where there is no such form."""
    lines = text.split("\n")
    start, end = _of(lines, form)
    texts = _texts(lines, start, end)
    after = texts[-1][0] if texts else start
    lines.insert(after + 1, f'{_indent(lines, texts)}"{_said(example)}"')
    return "\n".join(lines)


def without_example(text: str, form: str, example: str) -> str:
    """topics.co without `example`; a form that loses its last one goes with it, for an empty one is a mistake."""
    lines = text.split("\n")
    start, end = _of(lines, form)
    texts = _texts(lines, start, end)
    places = [place for place, said in texts if said == example]
    if not places:
        raise Invalid(f"`{form}` has no example {example[:80]!r} any more")
    if len(texts) == 1:
        last = max(place for place in range(start, end) if place == start or lines[place].startswith((" ", "	")))
        del lines[start : last + 1]
    else:
        del lines[places[0]]
    return "\n".join(lines)


def with_changed_example(text: str, form: str, before: str, after: str) -> str:
    """topics.co with the words of an example changed, at its place."""
    lines = text.split("\n")
    start, end = _of(lines, form)
    for place, said in _texts(lines, start, end):
        if said == before and (match := _TEXT.match(lines[place])):
            lines[place] = f'{match[1]}"{_said(after)}"{match[3]}'
            return "\n".join(lines)
    raise Invalid(f"`{form}` has no example {before[:80]!r} any more")


def with_moved_example(text: str, example: str, from_form: str, to_form: str) -> str:
    """topics.co with `example` at the end of another form."""
    return without_example(with_example(text, to_form, example), from_form, example)


def with_form(text: str, form: str, example: str) -> str:
    """topics.co with one more form at its end, which begins with `example`."""
    form = _form_name(form)
    if form in {each.name for each in forms_of(text)}:
        raise Invalid(f"there is a form `{form}` already")
    return f'{text.rstrip()}\n\ndefine user {form}\n  "{_said(example)}"\n'.lstrip("\n")


def with_renamed_form(text: str, form: str, name: str) -> str:
    """topics.co with a form of another name."""
    name = _form_name(name)
    if name != form and name in {each.name for each in forms_of(text)}:
        raise Invalid(f"there is a form `{name}` already")
    lines = text.split("\n")
    start, _ = _of(lines, form)
    lines[start] = lines[start].replace(f"define user {form}", f"define user {name}", 1)
    return "\n".join(lines)


def with_message(text: str, message: str, said: str) -> str:
    """messages.co with `message` saying this; one that the file does not define yet is added at its end."""
    lines = text.split("\n")
    for name, start, end in _definitions(lines):
        texts = _texts(lines, start, end)
        if name == message and texts and (match := _TEXT.match(lines[texts[0][0]])):
            lines[texts[0][0]] = f'{match[1]}"{_said(said)}"{match[3]}'
            return "\n".join(lines)
    return f'{text.rstrip()}\n\ndefine bot {message}\n  "{_said(said)}"\n'.lstrip("\n")


def with_section(text: str, rail: str, section: str) -> str:
    """policy.md with the section below the heading `rail` replaced; added at the end where there is none."""
    parts = re.split(rf"^(## +{re.escape(rail)} *\n)", text, maxsplit=1, flags=re.MULTILINE)
    if len(parts) == 1:
        return f"{text.rstrip()}\n\n## {rail}\n{section.strip()}\n".lstrip("\n")
    before, heading, rest = parts
    following = re.search(r"^## ", rest, flags=re.MULTILINE)
    after = rest[following.start() :] if following else ""
    return f"{before}{heading}{section.strip()}\n" + (f"\n{after}" if after else "")


def with_phrase(text: str, name: str, phrase: str) -> str:
    """phrases.yaml with one more phrase at the end of the list `name`, which begins with it where there is none."""
    yaml, loaded = _sheet(text, "phrases")
    loaded["phrases"].setdefault(name, CommentedSeq()).append(" ".join(phrase.split()))
    return _written(yaml, loaded)


def with_trial(text: str, rail: str, expected: Expected, entry: str | dict[str, Any]) -> str:
    """examples.yaml with one more text that `rail` must block or let pass. Raises Invalid where it is there already."""
    yaml, loaded = _sheet(text, "examples")
    lists = loaded["examples"].setdefault(rail, CommentedMap())
    entries = lists.setdefault(expected, CommentedSeq())
    if _text(entry) in map(_text, entries):
        raise Invalid(f"{rail} has this example already")
    entries.append(entry)
    return _written(yaml, loaded)


def without_trial(text: str, rail: str, expected: Expected, said: str) -> str:
    """examples.yaml without the first entry of that text. Raises Invalid where there is none."""
    yaml, loaded = _sheet(text, "examples")
    entries = loaded["examples"].get(rail, {}).get(expected, [])
    for place, entry in enumerate(entries):
        if _text(entry) == said:
            del entries[place]
            return _written(yaml, loaded)
    raise Invalid(f"{rail} has no example {said[:80]!r} any more")


def _text(entry: Any) -> Any:
    return entry if isinstance(entry, str) else entry.get("text")


def _sheet(text: str, root: str) -> tuple[YAML, Any]:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1_000_000  # Lines stay as long as people made them: a diff shows the change.
    yaml.indent(mapping=2, sequence=4, offset=2)
    try:
        loaded = yaml.load(text or f"{root}: {{}}\n")
    except (YAMLError, ValueError, RecursionError) as error:
        raise Invalid(f"{root}.yaml cannot be read; mend it as text first: {error}"[:300]) from error
    if not isinstance(loaded, dict) or not isinstance(loaded.get(root), dict):
        raise Invalid(f"{root}.yaml must hold the one root key `{root}:`; mend it as text first")
    return yaml, loaded


def _written(yaml: YAML, loaded: Any) -> str:
    out = io.StringIO()
    yaml.dump(loaded, out)
    return out.getvalue()


def _definitions(lines: Sequence[str]) -> list[tuple[str, int, int]]:
    """Name, line of the `define` and line after the last of each block; lines count from 0."""
    starts = [(match[2], place) for place, line in enumerate(lines) if (match := _DEFINE.match(line))]
    ends = [*(place for _, place in starts[1:]), len(lines)]
    return [(name, place, end) for (name, place), end in zip(starts, ends, strict=False)]


def _of(lines: Sequence[str], form: str) -> tuple[int, int]:
    for name, start, end in _definitions(lines):
        if name == form:
            return start, end
    raise Invalid(f"there is no form `{form[:80]}` any more")


def _texts(lines: Sequence[str], start: int, end: int) -> list[tuple[int, str]]:
    found = ((place, _TEXT.match(lines[place])) for place in range(start + 1, end))
    return [(place, match[2]) for place, match in found if match]


def _indent(lines: Sequence[str], texts: Sequence[tuple[int, str]]) -> str:
    match = _TEXT.match(lines[texts[-1][0]]) if texts else None
    return match[1] if match else "  "


def _said(text: str) -> str:
    """`text` as it may stand between double quotes of a Colang file."""
    said = " ".join(text.replace('"', "'").replace("\\", "").split())
    if not said:
        raise Invalid("a text cannot be empty")
    return said


def _form_name(name: str) -> str:
    name = " ".join(name.strip().lower().split())
    if not _NAME.fullmatch(name):
        raise Invalid("a form is named in small letters, like: ask about delivery")
    return name
