"""The cross-encoder: the sentence embedder's encoder with claim and evidence side by side, and how it learns."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.guards.grounding.training.lessons import Lesson

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

OUTPUTS = ("supported", "neutral", "contradicted", "answers")
"""What the four numbers of the network are for, in order: odds of a claim's three labels, and of an answer."""
MAX_TOKENS = 224
_MEGABATCH = 60  # So many batches are sorted by length together: little padding, and still a mixed order.


@dataclass(frozen=True, slots=True)
class Schedule:
    """How one stage of training goes."""

    name: str
    max_tokens: int
    """Lessons longer than this are left for a later stage."""
    min_tokens: int = 0
    share: float = 1.0
    """Share of the lessons that fit which is shown."""
    rate: float = 2e-4
    end_rate: float = 0.0
    """Learning rates at the start, after the warm-up, and at the end; linear between."""
    batch_tokens: int = 1800
    warm_up: int = 200


@dataclass(frozen=True, slots=True)
class Taught:
    """A lesson as the network reads it."""

    ids: tuple[int, ...]
    second_at: int
    """Where the second text begins."""
    task: int
    """0 support, 1 answer."""
    target: int
    """0 supported, 1 neutral, 2 contradicted, 3 not supported in either way."""


_TARGETS = {"supported": 0, "neutral": 1, "contradicted": 2, "unsupported": 3}


def teach(lessons: Sequence[Lesson], tokenizer: Tokenizer) -> list[Taught]:
    """The lessons as token ids: [CLS] first [SEP] second [SEP], the second cut where the whole is too long."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS, strategy="only_second")
    usable = [lesson for lesson in lessons if len(lesson.first.split()) < MAX_TOKENS // 3]
    encoded = tokenizer.encode_batch([(lesson.first, lesson.second) for lesson in usable])
    return [
        Taught(tuple(each.ids), each.type_ids.index(1), int(lesson.task == "answer"), _TARGETS[lesson.label])
        for each, lesson in zip(encoded, usable, strict=True)
        if 1 in each.type_ids
    ]


def build(folder: Path) -> torch.nn.Module:
    """The untrained network on the encoder in `folder`."""
    import torch
    from transformers import BertModel

    class CrossEncoder(torch.nn.Module):
        """Token ids in, the four numbers of OUTPUTS out."""

        def __init__(self) -> None:
            super().__init__()
            self.bert = BertModel.from_pretrained(folder, attn_implementation="sdpa", add_pooling_layer=False)
            self.head = torch.nn.Linear(2 * self.bert.config.hidden_size, len(OUTPUTS))

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            """Logits, one row a pair."""
            states = self.bert(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
            ).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            mean = (states * mask).sum(1) / mask.sum(1)
            return self.head(torch.cat([states[:, 0], mean], dim=-1))

    network = CrossEncoder()
    for module in network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0  # One pass over the data is far from overfitting; dropout only slows it (run 2026-11).
    return network


class Trainer:
    """Trains a network in stages, and can go on where it was broken off."""

    def __init__(self, encoder: Path, out: Path, *, threads: int = 2, report: Callable[[str], None] = print) -> None:
        """Checkpoints go to `out`; one that is there is taken up again."""
        import torch

        torch.set_num_threads(threads)
        torch.manual_seed(7)
        self._out, self._report = out, report
        self.network = build(encoder)
        decayed = [p for p in self.network.parameters() if p.ndim >= 2]
        plain = [p for p in self.network.parameters() if p.ndim < 2]
        groups = [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}]
        self._optimizer = torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98), fused=True)
        self._done: dict[str, int] = {}
        out.mkdir(parents=True, exist_ok=True)
        if (out / "state.pt").is_file():
            self._resume()

    def run(self, taught: Sequence[Taught], schedule: Schedule, *, every: int = 500) -> None:
        """One stage: each lesson that fits once, with a checkpoint every `every` steps."""
        batches = list(_batches(taught, schedule))
        first = self._done.get(schedule.name, 0)
        loss_sum, counted, began = 0.0, 0, time.monotonic()
        for step, batch in enumerate(batches):
            if step < first:
                continue
            rate = _rate(schedule, step, len(batches))
            loss_sum += self._step(batch, rate) * len(batch)
            counted += len(batch)
            if (step + 1) % 100 == 0:
                pace = counted / (time.monotonic() - began)
                self._report(
                    f"{schedule.name} step {step + 1}/{len(batches)} loss {loss_sum / counted:.4f} "
                    f"rate {rate:.1e} {pace:.0f} pairs/s"
                )
                loss_sum, counted, began = 0.0, 0, time.monotonic()
            if (step + 1) % every == 0 or step + 1 == len(batches):
                self._done[schedule.name] = step + 1
                self._save(asdict(schedule))

    def _step(self, batch: Sequence[Taught], rate: float) -> float:
        import torch

        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self.network.train()
        loss = _loss(self.network(**as_tensors(batch)), batch)
        loss.backward()  # type: ignore[no-untyped-call]  # torch ships it without types
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return float(loss.detach())

    def _save(self, schedule: dict[str, Any]) -> None:
        import torch

        state = {
            "network": self.network.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "done": self._done,
        }
        torch.save(state, self._out / "state.part")
        (self._out / "state.part").replace(self._out / "state.pt")
        (self._out / "schedule.json").write_text(json.dumps(schedule, indent=2) + "\n", encoding="utf-8")

    def _resume(self) -> None:
        import torch

        state = torch.load(self._out / "state.pt", weights_only=True)
        self.network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._done = state["done"]
        self._report(f"going on after {self._done}")


def predict(network: torch.nn.Module, taught: Sequence[Taught]) -> np.ndarray[Any, Any]:
    """The four logits of each lesson, in order: shape (n, 4)."""
    import torch

    network.eval()
    found = np.zeros((len(taught), len(OUTPUTS)), np.float32)
    order = sorted(range(len(taught)), key=lambda i: len(taught[i].ids))
    with torch.no_grad():
        for first in range(0, len(order), 32):
            rows = order[first : first + 32]
            found[rows] = network(**as_tensors([taught[i] for i in rows])).float().numpy()
    return found


def as_tensors(batch: Sequence[Taught]) -> dict[str, torch.Tensor]:
    """A padded batch."""
    import torch

    width = max(len(each.ids) for each in batch)
    ids = torch.zeros((len(batch), width), dtype=torch.long)
    mask = torch.zeros_like(ids)
    types = torch.zeros_like(ids)
    for row, each in enumerate(batch):
        ids[row, : len(each.ids)] = torch.tensor(each.ids)
        mask[row, : len(each.ids)] = 1
        types[row, each.second_at : len(each.ids)] = 1
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}


def _loss(logits: torch.Tensor, batch: Sequence[Taught]) -> torch.Tensor:
    """Cross-entropy; a claim that is "not supported" may be neutral or contradicted."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits, log_softmax

    logits = logits.float()
    task = torch.tensor([each.task for each in batch])
    target = torch.tensor([each.target for each in batch])
    odds = log_softmax(logits[:, :3], dim=-1)
    against = torch.logsumexp(odds[:, 1:], dim=-1, keepdim=True)
    support = -torch.cat([odds, against], dim=-1).gather(1, target.unsqueeze(1)).squeeze(1)
    answer = binary_cross_entropy_with_logits(logits[:, 3], (target == 0).float(), reduction="none")
    return torch.where(task == 0, support, answer).mean()


def _batches(taught: Sequence[Taught], schedule: Schedule) -> Iterator[list[Taught]]:
    fit = [each for each in taught if schedule.min_tokens <= len(each.ids) <= schedule.max_tokens]
    chance = random.Random(schedule.name)  # noqa: S311 — reproducible, not secret
    chance.shuffle(fit)
    fit = fit[: int(len(fit) * schedule.share)]
    average = sum(len(each.ids) for each in fit) / max(1, len(fit))
    window = max(1, int(_MEGABATCH * schedule.batch_tokens / max(1.0, average)))
    for first in range(0, len(fit), window):
        batches: list[list[Taught]] = [[]]
        for each in sorted(fit[first : first + window], key=lambda each: len(each.ids)):
            if batches[-1] and (len(batches[-1]) + 1) * len(each.ids) > schedule.batch_tokens:
                batches.append([])
            batches[-1].append(each)
        chance.shuffle(batches)
        yield from batches


def _rate(schedule: Schedule, step: int, steps: int) -> float:
    if step < schedule.warm_up:
        return schedule.rate * (step + 1) / schedule.warm_up
    left = 1 - (step - schedule.warm_up) / max(1, steps - schedule.warm_up)
    return schedule.end_rate + (schedule.rate - schedule.end_rate) * left
