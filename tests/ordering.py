"""In which order the files are tried."""

from __future__ import annotations

import pytest

LONGEST = (
    "tests/verticals",
    "tests/console",
    "tests/test_cli.py",
    "tests/test_app.py",
    "tests/releases",
    "tests/models",
    "tests/serving",
    "tests/widget",
    "tests/api/test_authorisation.py",
)
"""Begun first, in this order: a long file that begins last would be waited for alone."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts the longest files first."""

    def place(item: pytest.Item) -> int:
        path = item.path.relative_to(config.rootpath).as_posix()
        return next((n for n, each in enumerate(LONGEST) if path.startswith(each)), len(LONGEST))

    items.sort(key=place)
