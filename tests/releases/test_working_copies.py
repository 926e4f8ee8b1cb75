"""The folders here beside what is published."""

from pathlib import Path

import pytest

from assistant.errors import NotFound
from assistant.releases.working_copies import WorkingCopies


async def test_a_folder_that_is_nowhere_is_told_with_those_that_there_are(either_database, tmp_path: Path):
    (tmp_path / "rails" / "shared").mkdir(parents=True)
    (tmp_path / "rails" / "shared" / "policy.md").write_text("We help.\n", encoding="utf-8")
    copies = WorkingCopies(either_database, tmp_path / "rails", tmp_path / "knowledge")
    assert [each.change.path for each in await copies.diff("shared")] == ["policy.md"]
    for act in (copies.diff, copies.compare, copies.changed, copies.sync):
        with pytest.raises(NotFound, match=r"rails/nowhere is neither here nor published; there are rails/shared"):
            await act("nowhere")
