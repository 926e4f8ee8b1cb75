"""What a receipt says of an answer: everything that made it and decided on it, and of its texts only keyed digests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from assistant.answering.evidence import Found
from assistant.answering.turn import Turn
from assistant.ledger.keyring import SubjectKey
from assistant.messages import Answer, Citation, Sentence
from assistant.rails.replay import Decision


def opening(turn: Turn, key: SubjectKey) -> dict[str, Any]:
    """What the record says that opens a turn; texts are named by `key`."""
    owner = turn.request.key_id
    return {
        "vertical": turn.request.vertical,
        # A visitor's own part stays out: it is what proves that a conversation is theirs.
        "key": owner if owner.startswith("person.") else owner.partition(".")[0],
        "release": turn.release.digest,
        "task": turn.task,
        "number": turn.number,
        # Here, because the chain outlives receipts: what proves that people were told stands as long as anything does.
        "notice_shown": turn.request.notice_shown,
        "question": key.digest(turn.question),
        "documents": [key.digest(document.text) for document in turn.documents],
    }


def receipt(turn: Turn, answer: Answer, found: Found | None, key: SubjectKey) -> dict[str, Any]:
    """The receipt of `answer`: JSON values, no text, and no name that the request brought along."""
    own = frozenset(document.id for document in turn.documents)
    read = frozenset(member for rail in turn.release.bundle.rails for member in rail.members)
    return {
        "answer_id": answer.answer_id,
        "vertical": answer.vertical,
        "release": {"digest": answer.release, "published": answer.published, "parts": dict(turn.release.parts)},
        "model": answer.model,
        "task": answer.task,
        "outcome": answer.outcome,
        "rail": answer.rail,
        "question": key.digest(turn.question),
        "evidence": [
            {
                "document": key.digest(each.document) if each.document in own else each.document,
                "start": each.start,
                "end": each.end,
                "text": key.digest(each.quote or each.text),
                "score": round(float(each.score), 4),
                "origin": each.origin,
            }
            for each in (found.evidence if found else ())
        ],
        "citations": [_citation(each, key, own) for each in answer.citations],
        "sentences": [_sentence(each, key) for each in answer.sentences],
        "withheld": {
            "evidence": [{"text": key.digest(each.text), "rail": each.rail} for each in answer.dropped_evidence],
            "sentences": [
                {"text": key.digest(each.text), "rail": each.rail, "reason": each.reason}
                for each in answer.dropped_sentences
            ],
        },
        "decisions": [_decision(each, key, read) for each in turn.decisions],
        "masked": list(answer.masked),
        "parts": answer.parts,
        "cut": answer.cut,
        "usage": asdict(answer.usage),
        "timings_ms": asdict(answer.timings),
    }


def changed_parts(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, tuple[str | None, str | None]]:
    """The parts of a release that are not as they were, by name, as they were and as they are."""
    names = sorted({*before, *now})
    return {name: (before.get(name), now.get(name)) for name in names if before.get(name) != now.get(name)}


def decisions(content: Mapping[str, Any], key: SubjectKey | None) -> list[Decision]:
    """The decisions that a receipt holds; the sentences that rails read are opened where their key still lives."""
    read = []
    for kept in content["decisions"]:
        measured = dict(kept["measurements"])
        if "sealed" in kept and key is not None:
            measured["sentence"] = {**measured["sentence"], "text": key.open(kept["sealed"])}
        read.append(Decision.from_json({**kept, "measurements": measured}))
    return read


def _citation(citation: Citation, key: SubjectKey, own: frozenset[str]) -> dict[str, Any]:
    document = key.digest(citation.document) if citation.document in own else citation.document
    place = {"start": citation.start, "end": citation.end, "score": float(citation.score)}
    return {"n": citation.n, "document": document, **place, "text": key.digest(citation.text)}


def _sentence(sentence: Sentence, key: SubjectKey) -> dict[str, Any]:
    support = None if sentence.support is None else float(sentence.support)
    cited = {"citations": list(sentence.citations)}
    return {"text": key.digest(sentence.text), "claim": sentence.claim, "support": support, **cited}


def _decision(decision: Decision, key: SubjectKey, read: frozenset[str]) -> dict[str, Any]:
    """The decision with its measurements. The sentence itself is one: it is sealed where a rail reads it."""
    kept: dict[str, Any] = {"stage": decision.stage, "blocked": decision.blocked, "rail": decision.rail}
    measured = {name: _plain(value) for name, value in decision.measurements.items()}
    if isinstance(sentence := measured.get("sentence"), dict) and isinstance(text := sentence.get("text"), str):
        kept["text"] = key.digest(text)
        del sentence["text"]
        if "sentence.text" in read:
            kept["sealed"] = key.seal(text)
    return {**kept, "measurements": measured}


def _plain(value: Any) -> Any:
    """`value` in JSON's own types: guards measure with numpy, too."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    return value.item() if hasattr(value, "item") else value
