import re

import pytest

from assistant.api.demo import PAGES


async def test_the_page_needs_no_key_and_says_what_it_is(doors):
    async with doors.client() as client:
        response = await client.get("/demo/medical")
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<html lang="it">' in response.text
    assert "Visit summaries" in response.text
    assert "Not advice." in response.text
    assert "frame-ancestors 'self'" in response.headers["content-security-policy"]


async def test_what_a_vertical_says_is_text_and_never_markup(doors):
    async with doors.client() as client:
        page = (await client.get("/demo/feedback")).text
    assert "Shop &lt;feedback&gt;" in page
    assert "An AI &amp; you." in page
    assert "<feedback>" not in page
    assert 'data-tasks="answer summarize"' in page


async def test_the_page_loads_everything_from_here_and_runs_nothing_inline(doors):
    async with doors.client() as client:
        page = (await client.get("/demo/medical")).text
        for path in re.findall(r'(?:src|href)="([^"]+)"', page):
            assert path.startswith("/demo/")
            assert (await client.get(path)).status_code == 200
    assert re.findall(r"<script(?![^>]*\ssrc=)", page) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", page) == []


@pytest.mark.parametrize("file", sorted(PAGES.iterdir()), ids=lambda file: file.name)
def test_no_file_of_the_page_reaches_out_or_writes_markup(file):
    text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"https?://|@import|innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text) == []


def test_both_catalogues_hold_the_same_texts():
    text = (PAGES / "texts.js").read_text(encoding="utf-8")
    english, italian = (re.findall(r"^  (\w+):", part, re.MULTILINE) for part in text.split("const it = ")[:2])
    assert english == italian
    assert len(english) > 20


def test_every_text_the_page_names_is_in_the_catalogue():
    named = re.findall(r'data-(?:text|placeholder)="(\w+)"', (PAGES / "page.html").read_text(encoding="utf-8"))
    catalogue = (PAGES / "texts.js").read_text(encoding="utf-8")
    assert [name for name in named if f"  {name}:" not in catalogue] == []


async def test_the_accent_comes_as_a_style_sheet(doors):
    async with doors.client() as client:
        sheet = await client.get("/demo/feedback/theme.css")
    assert sheet.headers["content-type"].startswith("text/css")
    assert "--accent:#0b6e6e" in sheet.text


@pytest.mark.parametrize(
    "path", ["/demo/cooking", "/demo/cooking/theme.css", "/demo/_/nothing.js", "/demo/_/../demo.py"]
)
async def test_what_is_not_there_is_not_found(doors, path):
    async with doors.client() as client:
        assert (await client.get(path)).status_code == 404


async def test_no_file_outside_the_pages_is_served(doors):
    async with doors.client() as client:
        assert (await client.get("/demo/_/..%2fdemo.py")).status_code == 404
