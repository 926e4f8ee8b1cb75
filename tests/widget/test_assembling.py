"""The scripts as they are served: small, sound, typed, and known by their content."""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess

import pytest

from assistant.widget import assemble
from assistant.widget.assembling import SOURCE
from assistant.widget.door import FILES

SCRIPTS = assemble()
MODULES = sorted((*SOURCE.glob("*.js"), *FILES.glob("*.js")))


def test_the_launcher_has_at_most_10_kb_and_all_of_it_at_most_30_kb():
    sizes = {name: len(getattr(SCRIPTS, name).gzipped) for name in ("launcher", "module", "window")}
    assert sizes["launcher"] <= 10_000 and sizes["module"] <= 10_000
    assert sizes["launcher"] + sizes["window"] <= 30_000


def test_a_script_is_known_by_its_content_and_pins_the_one_it_fetches():
    for script in SCRIPTS.all:
        digest = base64.b64encode(hashlib.sha384(script.text.encode()).digest()).decode()
        assert script.integrity == f"sha384-{digest}"
    for launcher in (SCRIPTS.launcher, SCRIPTS.module):
        assert SCRIPTS.window.path in launcher.text and SCRIPTS.window.integrity in launcher.text
    assert assemble().window.gzipped == SCRIPTS.window.gzipped


def test_the_types_hold(node_tools):
    check = [node_tools / ".bin" / "tsc", "-p", SOURCE]
    run = subprocess.run(check, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stdout


def test_what_was_put_together_is_still_javascript(node_tools, tmp_path):
    for script in SCRIPTS.all:
        file = tmp_path / "whole.mjs"
        file.write_text(script.text)
        run = subprocess.run(["node", "--check", file], capture_output=True, text=True, timeout=30, check=False)
        assert run.returncode == 0, run.stderr
        assert "/**" not in script.text and "import {" not in script.text


@pytest.mark.parametrize("file", MODULES, ids=lambda file: file.name)
def test_no_module_writes_markup_runs_text_or_reaches_out(file):
    text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    markup = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    assert re.findall(rf"https?://|@import|{markup}|localStorage|cookie", text) == []
    assert len(text.splitlines()) < 400
