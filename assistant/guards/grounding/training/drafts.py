"""Claims and questions that a small language model writes about passages: what the guard meets in use.

Nobody has judged them; the teacher says how far each is borne out. Without a writer the training goes on without them.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assistant.guards.grounding.claims import is_claim
from assistant.guards.grounding.reduce import TAUGHT_WORDS, reduced
from assistant.guards.grounding.sentences import split_sentences
from assistant.guards.grounding.training.flips import flips
from assistant.guards.grounding.training.lessons import Lesson
from assistant.guards.grounding.training.pairs import held_out, read_pairs

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

Kind = Literal["claims", "question"]

_PASSAGES_FROM = (
    "fever_dev", "nli_newprot_base_train", "wice_tokens_train", "medquad", "mtsdialog_trainingset", "acibench_train",
    "e2e_cleaned_dev", "infotabs_train", "nli_mnli_dev",
)  # fmt: skip
_MOST_WORDS = 170
_LEAST_WORDS = 12
_ASKED: Mapping[str, Sequence[str]] = {
    "prose": (
        "Summarize the text in two sentences.\n\nText: {passage}",
        "What does the text say? Answer in your own words, in one sentence.\n\nText: {passage}",
        "Write three short statements of fact that follow from the text.\n\nText: {passage}",
        "Explain to a customer what this text tells, with its figures and names.\n\nText: {passage}",
        "Rewrite the text in other words.\n\nText: {passage}",
    ),
    "dialogue": (
        "Write the note of this visit in two sentences.\n\n{passage}",
        "Summarize the history of the patient from this conversation.\n\n{passage}",
        "What did the patient report? Answer in one sentence.\n\n{passage}",
    ),
    "facts": (
        "Write one sentence of advertising copy from these facts.\n\n{passage}",
        "Describe this in two sentences, using only the facts given.\n\n{passage}",
    ),
}
_QUESTION = "Write one short question that the text answers.\n\nText: {passage}"
_ASKING = 0.3  # Share of the prose passages that a question is written for instead.
_FLIPPED = 0.25


@dataclass(frozen=True, slots=True)
class Draft:
    """What the model wrote about a passage."""

    kind: Kind
    passage: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model is asked to write."""

    kind: Kind
    passage: str
    text: str
    source: str


def prompts(folder: Path, *, count: int, seed: int = 7) -> list[Prompt]:
    """Up to `count` prompts over passages of the sets in `folder`, each set about as often as the others."""
    chance = random.Random(seed)  # noqa: S311 — reproducible, not secret
    found: list[Prompt] = []
    for name in _PASSAGES_FROM:
        evidence = dict.fromkeys(pair.evidence[0] for pair in read_pairs(folder, name) if not held_out(pair))
        passages = [_cut(each, chance) for each in evidence]
        passages = [each for each in passages if len(each.split()) >= _LEAST_WORDS]
        share = 2 * count // len(_PASSAGES_FROM)
        found += [_prompt(passage, name, chance) for passage in passages for _ in range(2)][:share]
    chance.shuffle(found)
    return found[:count]


def write(
    writer: Path, asked: Sequence[Prompt], *, batch: int = 1024, seed: int = 7, report: Callable[[str], None] = print
) -> list[Draft]:
    """What the model in the GGUF file `writer` answers to each prompt.

    Drawn at a temperature of 0.4: hotter, a small one raves.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    from assistant.guards.grounding.training.network import device

    torch.manual_seed(seed)
    place, file = str(writer.parent), writer.name
    tokenizer = AutoTokenizer.from_pretrained(place, gguf_file=file, padding_side="left")
    tokenizer.pad_token = tokenizer.eos_token  # Not every version of transformers finds one in the file.
    model: Any = AutoModelForCausalLM.from_pretrained(
        place, gguf_file=file, dtype=torch.bfloat16, quantization_config=GgufConfig(dequantize=True)
    )
    model = model.to(device()).eval()
    drafts: list[Draft] = []
    order = sorted(asked, key=lambda each: len(each.text))
    for first in range(0, len(order), batch):
        some = order[first : first + batch]
        texts = _answers(model, tokenizer, [each.text for each in some])
        drafts += [Draft(p.kind, p.passage, text, p.source) for p, text in zip(some, texts, strict=True)]
        report(f"written {len(drafts)} of {len(order)} drafts")
    return drafts


def _answers(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[str]:
    import torch

    chats = [
        f"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n" for text in texts
    ]  # Without the system message, which only names the model.
    inputs: Any = tokenizer(chats, return_tensors="pt", padding=True, add_special_tokens=False).to(model.device)
    with torch.inference_mode():
        found = model.generate(
            **inputs, max_new_tokens=72, do_sample=True, temperature=0.4, top_p=0.95, top_k=0,
            pad_token_id=tokenizer.pad_token_id,
        )  # fmt: skip
    written: list[str] = tokenizer.batch_decode(found[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
    return written


def draft_lessons(drafts: Sequence[Draft], *, seed: int = 7) -> Iterator[Lesson]:
    """Every claim and question of `drafts` as a lesson that nobody has judged, some claims also with one change."""
    chance = random.Random(seed)  # noqa: S311 — reproducible, not secret
    by_source: dict[str, list[Draft]] = {}
    for draft in drafts:
        by_source.setdefault(draft.source, []).append(draft)
    for draft in drafts:
        source = f"{draft.source}+draft"
        if draft.kind == "question":
            question = draft.text.strip().split("\n")[0]
            if question.endswith("?") and len(question.split()) >= 4:
                near = _nearest(question, chance.sample(by_source[draft.source], min(40, len(by_source[draft.source]))))
                for passage in (draft.passage, near, _without_answer(question, draft.passage)):
                    if len(passage.split()) >= _LEAST_WORDS:
                        second = reduced(question, [passage], max_words=TAUGHT_WORDS)
                        yield Lesson("answer", question, second, "unjudged", source)
            continue
        for claim in _claims(draft.text):
            yield Lesson("support", claim, _among(claim, draft, by_source, chance), "unjudged", source)
            made = flips(claim, draft.passage, chance) if chance.random() < _FLIPPED else {}
            for flip in chance.sample(sorted(made), min(1, len(made))):
                evidence = _among(claim, draft, by_source, chance)
                yield Lesson("support", made[flip], evidence, "unjudged", f"{source}+{flip}")


def save(drafts: Sequence[Draft], file: Path) -> None:
    """Keep `drafts`, one a line."""
    file.write_text("".join(json.dumps(asdict(each)) + "\n" for each in drafts), encoding="utf-8")


def load(file: Path) -> list[Draft]:
    """The drafts that `save` kept."""
    return [Draft(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]


def _prompt(passage: str, name: str, chance: random.Random) -> Prompt:
    dialogue, facts = passage.startswith(("Doctor:", "Patient:")), bool(re.match(r"^[\w ]+: .+(\n[\w ]+: |$)", passage))
    manner = "dialogue" if dialogue else "facts" if facts else "prose"
    if manner == "prose" and chance.random() < _ASKING:
        return Prompt("question", passage, _QUESTION.format(passage=passage), name)
    return Prompt("claims", passage, chance.choice(_ASKED[manner]).format(passage=passage), name)


def _cut(text: str, chance: random.Random) -> str:
    """A part of `text` of some whole sentences or lines that the model can read at once."""
    if len(text.split()) <= _MOST_WORDS:
        return text
    lines = text.split("\n") if text.count("\n") > 3 else split_sentences(text)
    first = chance.randrange(len(lines))
    taken: list[str] = []
    for line in lines[first:]:
        if sum(len(each.split()) for each in (*taken, line)) > _MOST_WORDS:
            break
        taken.append(line)
    return ("\n" if text.count("\n") > 3 else " ").join(taken)


def _claims(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        for sentence in split_sentences(re.sub(r"^\s*(?:[-*•]|\d+[.)])\s*", "", line)):
            whole = sentence.rstrip().endswith((".", "!"))  # The last one may have been broken off.
            if whole and 4 <= len(sentence.split()) <= 45 and is_claim(sentence):
                yield sentence


def _among(claim: str, draft: Draft, by_source: Mapping[str, Sequence[Draft]], chance: random.Random) -> str:
    passages = [draft.passage]
    if chance.random() < 0.3:
        passages += [chance.choice(by_source[draft.source]).passage for _ in range(chance.choice([1, 2]))]
        chance.shuffle(passages)
    return reduced(claim, passages, max_words=TAUGHT_WORDS)


def _nearest(question: str, others: Sequence[Draft]) -> str:
    words = set(question.lower().split())
    return max(others, key=lambda each: len(words & set(each.passage.lower().split()))).passage


def _without_answer(question: str, passage: str) -> str:
    """`passage` without the sentence that shares most words with `question`."""
    sentences = split_sentences(passage)
    words = set(question.lower().split())
    at = max(range(len(sentences)), key=lambda i: len(words & set(sentences[i].lower().split())), default=0)
    return " ".join(sentence for place, sentence in enumerate(sentences) if place != at)
