"""Claims with the evidence they were judged by, read from public sets."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from assistant.errors import Invalid
from assistant.guards.grounding.claims import is_claim
from assistant.guards.grounding.sentences import split_sentences

Half = Literal["fit", "report"]
Label = Literal["supported", "neutral", "contradicted", "unsupported", "unjudged"]
"""`unsupported` where a set does not say whether a claim is contradicted or merely not given; `unjudged` where nobody
has looked, and the teacher says."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim, the passages it is held against, and what people found."""

    claim: str
    evidence: tuple[str, ...]
    label: Label
    source: str
    """Name of the set, with what was done to the pair after a `+`."""


TRAINED_ON: Mapping[str, str] = {
    "fever_dev": "CC BY-SA 3.0",
    "infotabs_train": "Apache-2.0",
    "nli_newprot_base_train": "CC BY-SA 3.0",
    "nli_newprot_contrast_train": "CC BY-SA 3.0",
    "nli_newprot_edit_other_train": "CC BY-SA 3.0",
    "nli_newprot_edit_premise_train": "CC BY-SA 3.0",
    "nli_mnli_dev": "OANC",
    "nli_snli_dev": "CC BY-SA 4.0",
    "nli_mpe_train": "CC BY-SA",
    "nli_scitail_dev": "Apache-2.0",
    "cad_nli_train": "Apache-2.0",
    "breaking_nli": "CC BY-SA 4.0",
    "nli_med": "CC BY-SA 4.0",
    "nli_help_and": "CC BY-SA 4.0",
    "wice_tokens_train": "ODC-BY 1.0",
    "e2e_cleaned_dev": "CC BY-SA 4.0",
    "mtsdialog_trainingset": "CC BY 4.0",
    "acibench_train": "CC BY 4.0",
    "medquad": "CC BY 4.0",
}
"""Sets the network learns from, with the licence that allows commercial use."""
QUESTIONS_FROM: Mapping[str, str] = {"nli_qnli_dev": "CC BY-SA 4.0", "medquad": "CC BY 4.0"}
"""Sets the network learns from whether a passage answers a question."""

_LABELS: Mapping[str, Label] = {
    "supported": "supported",
    "neutral": "neutral",
    "contradicted": "contradicted",
    "not_supported": "unsupported",
    "unsupported": "unsupported",
    "partially_supported": "unsupported",
    "partly": "unsupported",
}
_PASSAGE_LETTERS = 800
_FEW_WORDS = 4  # "None." in a note says nothing by itself.
_MTS_MARK = re.compile(r"\r\n?")
_ACI_MARK = re.compile(r"^\[(doctor|patient)\]\s*", re.MULTILINE)
_HEADING_LINE = re.compile(r"^[A-Z][A-Z /&-]+$")


def read_pairs(folder: Path, name: str) -> list[Pair]:
    """The pairs of the set `name` in `folder`, in an order that is the same each time and mixes its kinds.

    Raises Invalid naming the file when it is missing or is no such set.
    """
    rows = read_rows(folder, name)
    read = _READERS.get(name, _plain)
    try:
        pairs = [pair for row in rows for pair in read(row, name)]
    except (KeyError, TypeError, IndexError) as error:
        raise Invalid(f"{folder / name}.jsonl.gz: a row lacks {error}; is it another set?") from error
    return sorted(pairs, key=lambda pair: hashlib.sha256((pair.claim + pair.evidence[0]).encode()).digest())


def read_flippable(folder: Path, name: str) -> list[Pair]:
    """True claims to make false, none of which the network has seen: of `PASSAGES_OF`, sentences of the passages."""
    if passages_of := PASSAGES_OF.get(name):
        passages = dict.fromkeys(passage for row in read_rows(folder, name) for passage in passages_of(row))
        return [Pair(each, (passage,), "supported", name) for passage in passages for each in split_sentences(passage)]
    pairs = [pair for pair in read_pairs(folder, name) if pair.label == "supported"]
    return [pair for pair in pairs if held_out(pair)] if name in TRAINED_ON else pairs


def held_out(pair: Pair) -> bool:
    """Whether `pair` is kept from the network, to fuse and calibrate its odds on: one evidence in twelve, whole."""
    return hashlib.sha256(pair.evidence[0].encode()).digest()[0] < 22


def half_of(row_id: object) -> Half:
    """To which half of a set a row belongs: one is for fitting, the other for reporting."""
    return "fit" if hashlib.sha256(str(row_id).encode()).digest()[0] % 2 else "report"


def read_rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """The rows of `name`.jsonl.gz in `folder`; raises Invalid when it cannot be read."""
    file = folder / f"{name}.jsonl.gz"
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]
    except (OSError, ValueError) as error:
        raise Invalid(f"{file}: cannot be read ({error}); it should hold one JSON object a line, gzipped") from error


def _plain(row: dict[str, Any], name: str) -> Iterator[Pair]:
    label = _LABELS.get(row["label"])
    if label is not None and row["claim"].strip() and row["context"].strip():
        yield Pair(row["claim"].strip(), (row["context"].strip(),), label, name)


def _fever(row: dict[str, Any], name: str) -> Iterator[Pair]:
    for pair in _plain(row, name):
        yield Pair(_untokenized(pair.claim), (_untokenized(pair.evidence[0]),), pair.label, name)


def _wice_tokens(row: dict[str, Any], name: str) -> Iterator[Pair]:
    lines = row["evidence"].split("\n")
    named = [[lines[i] for i in sentences if i < len(lines)] for sentences in row["supporting_sentences"]]
    evidence = " ".join(named[0]) if named else ""
    if evidence.strip():
        yield Pair(row["claim"], (evidence,), "unsupported", name)


def _e2e(row: dict[str, Any], name: str) -> Iterator[Pair]:
    """A blurb is borne out by the facts corrected to match it, and not by original ones that lack or differ."""
    now, before = _slots(row["mr"]), _slots(row["orig_mr"])
    yield Pair(row["ref"], (_sheet(now),), "supported", name)
    if any(before.get(slot) != value for slot, value in now.items()):
        yield Pair(row["ref"], (_sheet(before),), "unsupported", name)


def _mts(row: dict[str, Any], name: str) -> Iterator[Pair]:
    dialogue = _MTS_MARK.sub("\n", row["dialogue"]).strip()
    yield from _noted(row["note"], dialogue, name)


def _aci(row: dict[str, Any], name: str) -> Iterator[Pair]:
    dialogue = _ACI_MARK.sub(lambda mark: f"{mark[1].capitalize()}: ", row["dialogue"])
    yield from _noted(row["note"], _untokenized(dialogue), name)


def _noted(note: str, dialogue: str, name: str) -> Iterator[Pair]:
    for sentence in split_sentences(note):
        if len(sentence.split()) >= _FEW_WORDS and not _HEADING_LINE.match(sentence):
            yield Pair(sentence.lstrip("-• "), (dialogue,), "supported", name)


def _medquad(row: dict[str, Any], name: str) -> Iterator[Pair]:
    """A sentence of an answer held against that answer: true, and the ground for false ones made from it."""
    sentences = [each for each in split_sentences(row["answer"]) if 6 <= len(each.split()) <= 35]
    if len(sentences) >= 3:
        place = int(hashlib.sha256(str(row["id"]).encode()).hexdigest(), 16) % len(sentences)
        around = sentences[max(0, place - 2) : place + 3]
        yield Pair(sentences[place], (" ".join(around),), "supported", name)


def _pubmedqa(row: dict[str, Any], name: str) -> Iterator[Pair]:
    """What the authors conclude, held against the abstract it was concluded from."""
    yield from _written(row["long_answer"], row["contexts"], name)


def _clapnq(row: dict[str, Any], name: str) -> Iterator[Pair]:
    """Answers that people wrote from one passage."""
    answers = [output["answer"] for output in row["output"] if output.get("answer")]
    for answer in answers[:1] if half_of(row["id"]) == "fit" else ():
        yield from _written(answer, [_untokenized(row["passages"][0]["text"])], name)


def _opsum(row: dict[str, Any], name: str) -> Iterator[Pair]:
    """What people wrote from eight reviews of one thing."""
    for summary in row["summaries"][:1]:
        yield from _written(summary, row["reviews"], name)


def _written(text: str, passages: Sequence[str], name: str) -> Iterator[Pair]:
    for sentence in split_sentences(text):
        if len(sentence.split()) >= _FEW_WORDS and is_claim(sentence):
            yield Pair(sentence, tuple(passages), "supported", name)


def _slots(meaning: str) -> dict[str, str]:
    return dict(re.findall(r"(\w+)\[([^\]]*)\]", meaning))


def _sheet(slots: Mapping[str, str]) -> str:
    """Facts as a sheet has them: "customer rating: 5 out of 5", one a line."""
    return "\n".join(f"{re.sub(r'(?<=[a-z])(?=[A-Z])', ' ', slot).lower()}: {value}" for slot, value in slots.items())


def _untokenized(text: str) -> str:
    text = re.sub(r"\s+([.,;:!?%)\]]|'s\b|n't\b|''|'(?:re|ve|ll|d|m)\b)", r"\1", text)
    text = re.sub(r"([(\[]|``)\s+", r"\1", text).replace("``", '"').replace("''", '"')
    return text.replace("-LRB-", "(").replace("-RRB-", ")").strip()


_READERS: Mapping[str, Callable[[dict[str, Any], str], Iterator[Pair]]] = {
    "fever_dev": _fever,
    "wice_tokens_train": _wice_tokens,
    "e2e_cleaned_dev": _e2e,
    "mtsdialog_trainingset": _mts,
    "mtsdialog_validationset": _mts,
    "acibench_train": _aci,
    "acibench_valid": _aci,
    "medquad": _medquad,
    "pubmedqa_train": _pubmedqa,
    "clapnq_dev_a": _clapnq,
    "opsum_amazon": _opsum,
    "opsum_yelp_train": _opsum,
}


def _of_article(row: dict[str, Any]) -> Iterator[str]:
    """An article a passage at a time, as long as those of `xquad_en`."""
    passage = ""
    for line in row["context"].split("\n"):
        passage = f"{passage}\n{line}".strip()
        if len(passage) >= _PASSAGE_LETTERS:
            yield passage
            passage = ""


PASSAGES_OF: Mapping[str, Callable[[dict[str, Any]], Iterable[str]]] = {
    "xquad_en": lambda row: [row["context"]],
    # What answers is fitted on the other half.
    "clapnq_dev_a": lambda row: [row["passages"][0]["text"]] if half_of(row["id"]) == "report" else [],
    "wice_claim_dev": _of_article,
}
"""Sets of passages whose sentences nothing was trained on."""
