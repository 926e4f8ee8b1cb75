"""Cases made of the shapes in which such sets are mostly kept: one JSON object a line, `.gz` or not."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from assistant.cases import Case, CaseDocument, Split
from assistant.errors import InvalidCase
from assistant.messages import Task

Row: TypeAlias = Mapping[str, Any]
Made = Callable[[Row], Mapping[str, Any]]
"""The fields of a case but its id and split; raises KeyError naming what the row lacks."""

KINDS: dict[str, Made] = {}
"""The shapes that can be imported, by name."""
_ATTRIBUTE = re.compile(r"\s*([^,\[\]]+)\[([^\]]*)\]")


def kind(name: str) -> Callable[[Made], Made]:
    """Registers a function as the importer of `name`."""

    def register(made: Made) -> Made:
        KINDS[name] = made
        return made

    return register


def import_cases(kind: str, file: Path, *, split: Split = "test", count: int | None = None) -> tuple[Case, ...]:
    """The first `count` rows of `file` as cases of that shape.

    Raises InvalidCase naming the shape that is not known, or the line and the field that is missing.
    """
    if kind not in KINDS:
        raise InvalidCase(f"{kind!r} is no shape of cases; there are {', '.join(KINDS)}")
    cases: list[Case] = []
    for number, line in enumerate(_lines(file), start=1):
        if count is not None and len(cases) >= count:
            break
        try:
            row = json.loads(line)
            made = KINDS[kind](row)
            cases.append(Case(id=str(row.get("id") or f"line-{number}"), split=split, **made))
        except KeyError as error:
            raise InvalidCase(f"{file}:{number}: {error.args[0]}") from error
        except (ValueError, TypeError, AttributeError) as error:
            raise InvalidCase(f"{file}:{number}: is no {kind}: {str(error).splitlines()[0]}") from error
    return tuple(cases)


@kind("question-answer")
def question_answer(row: Row) -> dict[str, Any]:
    """`question`, `context` or `passages`, `answers` or `answer`; without an answer nothing answers."""
    answers = _texts(row, "answers", "answer", "references", needed=False)
    documents = _documents(_texts(row, "context", "passages", "passage", "documents"), "Passage")
    return {
        "task": "answer",
        "question": _text(row, "question", "input", "query"),
        "documents": documents,
        "reference": answers[0] if answers else "",
        "other_references": tuple(dict.fromkeys(answers[1:])),
        "cite": documents[0].id if answers and len(documents) == 1 else None,
    }


@kind("dialogue-summary")
def dialogue_summary(row: Row) -> dict[str, Any]:
    """`dialogue`, and `summary` or `note`."""
    dialogue = _text(row, "dialogue", "conversation", "transcript").replace("\r\n", "\n")
    return _brought(
        "summarize", "Summarise this visit.", (dialogue,), "Visit", _texts(row, "note", "summary", "summaries")
    )


@kind("reviews-summary")
def reviews_summary(row: Row) -> dict[str, Any]:
    """`reviews`, and `summaries` or `summary`; each review is a document."""
    reviews = _texts(row, "reviews", "texts")
    return _brought("summarize", "Summarise these reviews.", reviews, "Review", _texts(row, "summaries", "summary"))


@kind("attributes-copy")
def attributes_copy(row: Row) -> dict[str, Any]:
    """`mr` as `name[…], area[…]`, or `attributes` as an object; and `refs`, `ref` or `text`."""
    attributes = row.get("attributes") or dict(_ATTRIBUTE.findall(_text(row, "mr", "meaning_representation")))
    # As list items, because two lines "Name: value" could also be what two people say.
    facts = "\n".join(f"- {_spaced(name)}: {value}" for name, value in attributes.items())
    wanted = _texts(row, "refs", "ref", "references", "text")
    return _brought("write", "Write a short description of it.", (facts,), "Facts", wanted)


def _brought(task: Task, question: str, texts: Sequence[str], title: str, wanted: Sequence[str]) -> dict[str, Any]:
    documents = _documents(texts, title)
    return {
        "task": task,
        "question": question,
        "documents": documents,
        "reference": wanted[0],
        "other_references": tuple(dict.fromkeys(wanted[1:])),
        "cite": documents[0].id if len(documents) == 1 else None,
    }


def _documents(texts: Sequence[str], title: str) -> tuple[CaseDocument, ...]:
    if len(texts) == 1:
        return (CaseDocument(id=title.lower(), title=title, text=texts[0]),)
    return tuple(CaseDocument(id=f"{title.lower()}-{n}", title=f"{title} {n}", text=t) for n, t in enumerate(texts, 1))


def _lines(file: Path) -> Iterator[str]:
    try:
        with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
            yield from (line for line in lines if line.strip())
    except FileNotFoundError as error:
        raise InvalidCase(f"there is no {file}") from error
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError) as error:
        raise InvalidCase(f"{file}: is not JSON lines in UTF-8, nor these in gzip") from error


def _text(row: Row, *names: str) -> str:
    return _texts(row, *names)[0]


def _texts(row: Row, *names: str, needed: bool = True) -> tuple[str, ...]:
    """What stands under the first of `names` that the row has: one text or several."""
    found = next((row[name] for name in names if row.get(name)), None)
    texts = () if found is None else (found,) if isinstance(found, str) else tuple(_of(each) for each in found)
    if needed and not any(text.strip() for text in texts):
        raise KeyError(f"has no {' or '.join(names)}")
    return texts


def _of(item: Any) -> str:
    return str(item.get("text") or item["answer"]) if isinstance(item, Mapping) else str(item)


def _spaced(name: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).strip()
    return words[:1].upper() + words[1:].lower()
