"""How the network learns: in stages, from what people found and from what a teacher says."""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.guards.grounding.training.network import SUPPORT_TASK, UNJUDGED, Taught, as_tensors, device, half

if TYPE_CHECKING:
    import torch

_MEGABATCH = 60  # So many batches are sorted by length together: little padding, and still a mixed order.
_BY_THE_TEACHER = 0.7  # Share of the loss that comes from the teacher where people have judged too.
_BY_RANK = 0.5  # What counts, beside what each claim is, that of one matter the true ones stand above the false.


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


class Trainer:
    """Trains a network in stages, and can go on where it was broken off."""

    def __init__(
        self, network: torch.nn.Module, out: Path, *, threads: int = 2, report: Callable[[str], None] = print
    ) -> None:
        """Checkpoints go to `out`; one that is there is taken up again."""
        import torch

        torch.set_num_threads(threads)
        torch.manual_seed(7)
        self._out, self._report = out, report
        self.network = network.to(device())
        learning = [p for p in self.network.parameters() if p.requires_grad]
        decayed = [p for p in learning if p.ndim >= 2]
        plain = [p for p in learning if p.ndim < 2]
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
        loss_sum: Any = 0.0  # A tensor where the network is, so that no step waits for the one before.
        counted, began = 0, time.monotonic()
        for step, batch in enumerate(batches):
            if step < first:
                continue
            rate = _rate(schedule, step, len(batches))
            loss_sum = loss_sum + self._step(batch, rate) * len(batch)
            counted += len(batch)
            if (step + 1) % 100 == 0:
                pace = counted / (time.monotonic() - began)
                self._report(
                    f"{schedule.name} step {step + 1}/{len(batches)} loss {float(loss_sum) / counted:.4f} "
                    f"rate {rate:.1e} {pace:.0f} pairs/s"
                )
                loss_sum, counted, began = 0.0, 0, time.monotonic()
            if (step + 1) % every == 0 or step + 1 == len(batches):
                self._done[schedule.name] = step + 1
                self._save(asdict(schedule))

    def _step(self, batch: Sequence[Taught], rate: float) -> torch.Tensor:
        import torch

        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self.network.train()
        with torch.autocast(device(), torch.bfloat16, enabled=half(device())):
            logits = self.network(**as_tensors(batch, device()))
        loss = _loss(logits, batch) + _BY_RANK * rank_loss(logits, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return loss.detach()

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

        state = torch.load(self._out / "state.pt", weights_only=True, map_location=device())
        self.network.load_state_dict(state["network"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._done = state["done"]
        self._report(f"going on after {self._done}")


def _loss(logits: torch.Tensor, batch: Sequence[Taught]) -> torch.Tensor:
    """Cross-entropy with what people found, with what the teacher says, or with both.

    A claim that is "not supported" may be neutral or contradicted.
    """
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits, log_softmax

    logits, where = logits.float(), logits.device
    task = torch.tensor([each.task for each in batch], device=where)
    target = torch.tensor([each.target for each in batch], device=where)
    odds = log_softmax(logits[:, :3], dim=-1)
    against = torch.logsumexp(odds[:, 1:], dim=-1, keepdim=True)
    by_target = torch.cat([odds, against, torch.zeros_like(against)], dim=-1)
    support = -by_target.gather(1, target.unsqueeze(1)).squeeze(1)
    answer = binary_cross_entropy_with_logits(logits[:, 3], (target == 0).float(), reduction="none")
    judged = torch.where(task == SUPPORT_TASK, support, answer)
    if batch[0].odds is None:
        return judged.mean()
    teacher = torch.tensor([each.odds for each in batch], device=where)
    support = -(teacher[:, :3].softmax(-1) * odds).sum(-1)
    answer = binary_cross_entropy_with_logits(logits[:, 3], teacher[:, 3].sigmoid(), reduction="none")
    told = torch.where(task == SUPPORT_TASK, support, answer)
    share = torch.where(target == UNJUDGED, 1.0, _BY_THE_TEACHER)
    return (share * told + (1 - share) * judged).mean()


def rank_loss(logits: torch.Tensor, batch: Sequence[Taught]) -> torch.Tensor:
    """How far false claims score above true ones of their matter: logistic loss of each two, 0 where there are none.

    Only what tells them apart counts here, not what their matter is (RankNet, Burges et al. 2005).
    """
    import torch
    from torch.nn.functional import softplus

    odds = logits[:, 0].float() - torch.logsumexp(logits[:, 1:3].float(), dim=-1)
    losses, first = [odds.new_zeros(())], 0
    for together in _by_matter(batch):
        rows = range(first, first + len(together))
        true, false = ([i for i in rows if (batch[i].target == 0) is supported] for supported in (True, False))
        if true and false:
            losses.append(softplus(odds[false].unsqueeze(0) - odds[true].unsqueeze(1)).mean() * len(together))
        first += len(together)
    return torch.stack(losses).sum() / len(batch)


def _by_matter(taught: Sequence[Taught]) -> list[list[Taught]]:
    """Neighbours of one matter together, every other one alone."""
    of = itertools.count()
    groups = itertools.groupby(taught, key=lambda each: each.matter or next(of))
    return [list(group) for _, group in groups]


def _batches(taught: Sequence[Taught], schedule: Schedule) -> Iterator[list[Taught]]:
    fit = [each for each in taught if schedule.min_tokens <= len(each.ids) <= schedule.max_tokens]
    together = _by_matter(fit)
    chance = random.Random(schedule.name)  # noqa: S311 — reproducible, not secret
    chance.shuffle(together)
    together = together[: int(len(together) * schedule.share)]
    average = sum(len(each.ids) for each in fit) / max(1, len(fit))
    window = max(1, int(_MEGABATCH * schedule.batch_tokens / max(1.0, average)))
    for first in range(0, len(together), window):
        batches: list[list[Taught]] = [[]]
        for some in sorted(together[first : first + window], key=_longest):
            if batches[-1] and (len(batches[-1]) + len(some)) * _longest(some) > schedule.batch_tokens:
                batches.append([])
            batches[-1] += some
        chance.shuffle(batches)
        yield from batches


def _longest(taught: Sequence[Taught]) -> int:
    return max(len(each.ids) for each in taught)


def _rate(schedule: Schedule, step: int, steps: int) -> float:
    if step < schedule.warm_up:
        return schedule.rate * (step + 1) / schedule.warm_up
    left = 1 - (step - schedule.warm_up) / max(1, steps - schedule.warm_up)
    return schedule.end_rate + (schedule.rate - schedule.end_rate) * left
