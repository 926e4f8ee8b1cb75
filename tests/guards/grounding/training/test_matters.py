"""Claims of one matter are learnt side by side, for what tells them apart."""

import numpy as np
import pytest
import torch

from assistant.guards.grounding.training.network import SUPPORT_TASK, Taught
from assistant.guards.grounding.training.trainer import Schedule, Trainer, rank_loss

TRUE, FALSE = 0, 3
ONE_EACH = [
    Taught(np.array([1, 10 + matter, said], np.uint16), 1, SUPPORT_TASK, target, matter=f"matter {matter}")
    for matter in range(40)
    for said, target in ((60, TRUE), (61, FALSE))
]
ALONE = [Taught(np.array([1, 62, 63, 64, 65], np.uint16), 1, SUPPORT_TASK, TRUE) for _ in range(20)]


class Words(torch.nn.Module):
    """As small a network as there is: what each token says, summed up."""

    def __init__(self) -> None:
        super().__init__()
        self.says = torch.nn.Embedding(70, 4)
        torch.nn.init.zeros_(self.says.weight)
        self.batches: list[list[list[int]]] = []

    def forward(self, input_ids, attention_mask, token_type_ids):
        self.batches.append([row[mask > 0].tolist() for row, mask in zip(input_ids, attention_mask, strict=True)])
        return (self.says(input_ids) * attention_mask.unsqueeze(-1)).sum(1)


def test_they_come_in_one_batch_and_those_alone_are_not_taken_for_one_matter(tmp_path):
    network = Words()
    learning = Trainer(network, tmp_path, threads=1, report=lambda _: None)
    learning.run([*ONE_EACH, *ALONE], Schedule("claims", 8, rate=1e-2, warm_up=1, batch_tokens=40))
    batches = network.batches

    assert sum(len(batch) for batch in batches) == len(ONE_EACH) + len(ALONE)
    for batch in batches:
        matters = [row[1] for row in batch if len(row) == 3]
        assert all(matters.count(matter) == 2 for matter in matters)
    assert max(len(batch) for batch in batches if len(batch[0]) == 5) == 40 // 5


def test_only_what_tells_the_true_from_the_false_of_a_matter_counts():
    two = ONE_EACH[:2]  # The first is true, the second false.
    even, above = torch.zeros(2, 4), torch.tensor([[2.0, 0, 0, 0], [0, 0, 0, 0]])

    assert rank_loss(above, two) < rank_loss(even, two) < rank_loss(above.flip(0), two)
    assert rank_loss(even + torch.tensor([3.0, 0, 0, 0]), two) == pytest.approx(float(rank_loss(even, two)), abs=1e-6)


def test_claims_of_two_matters_are_not_ranked_nor_those_that_stand_alone():
    logits = torch.tensor([[2.0, 0, 0, 0], [-2.0, 0, 0, 0]])

    assert rank_loss(logits, [ONE_EACH[0], ONE_EACH[3]]) == 0
    assert rank_loss(logits, ALONE[:2]) == 0
