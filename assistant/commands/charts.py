"""Usage as a chart in a terminal: one bar a day, key or vertical, with the share that checking took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.table import Table
from rich.text import Text

from assistant.access import Spent

By = Literal["day", "key", "vertical"]
WIDTH = 16
"""Characters of the longest bar."""


@dataclass(slots=True)
class Total:
    """What one day, key or vertical used."""

    label: str
    answers: int = 0
    tokens: int = 0
    cost_usd: float = 0.0
    energy_wh: float = 0.0
    checks_wh: float = 0.0
    estimated_wh: float = 0.0
    co2_g: float = 0.0

    def add(self, spent: Spent) -> None:
        """Adds one record."""
        self.answers += spent.answers
        self.tokens += spent.tokens
        self.cost_usd += spent.cost_usd
        self.energy_wh += spent.energy_wh
        self.checks_wh += spent.checks_wh
        self.estimated_wh += spent.estimated_wh
        self.co2_g += spent.co2_g

    @property
    def share_of_checks(self) -> float:
        """The part of the energy that guards and rails took, 0 to 1."""
        return self.checks_wh / self.energy_wh if self.energy_wh else 0.0


def totals(spent: Iterable[Spent], by: By) -> list[Total]:
    """What was used by each day, key or vertical, in the order in which they first come."""
    found: dict[str, Total] = {}
    for each in spent:
        label = {"day": each.day.isoformat(), "key": each.account, "vertical": each.vertical or "–"}[by]
        found.setdefault(label, Total(label)).add(each)
    return list(found.values())


def usage_chart(rows: Sequence[Total], by: By) -> Table:
    """The bars are energy: dark what checking took, light the rest."""
    table = Table(
        box=None,
        pad_edge=False,
        padding=(0, 1),
        header_style="bold",
        caption="█ checks  ▒ model and the rest  ~ estimated, not measured",
        caption_justify="left",
    )
    table.add_column(by.upper(), no_wrap=True)
    table.add_column("ENERGY", min_width=WIDTH)
    for name in ("ANSWERS", "TOKENS", "USD", "WH", "CHECKS", "CO2 G"):
        table.add_column(name, justify="right", no_wrap=True)
    most = max((row.energy_wh for row in rows), default=0.0)
    for row in rows:
        basis = "~" if row.estimated_wh or not row.energy_wh else ""
        table.add_row(
            row.label,
            _bar(row, most),
            f"{row.answers:,}",
            f"{row.tokens:,}",
            f"{row.cost_usd:.4f}",
            f"{basis}{row.energy_wh:.3f}",
            f"{100 * row.share_of_checks:.0f} %",
            f"{row.co2_g:.2f}",
        )
    return table


def _bar(row: Total, most: float) -> Text:
    length = round(WIDTH * row.energy_wh / most) if most else 0
    checks = round(length * row.share_of_checks)
    return Text.assemble(("█" * checks, "cyan"), ("▒" * (length - checks), "blue"))
