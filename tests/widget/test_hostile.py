# ruff: noqa: E501 — payloads stand as they are
"""Nothing that comes from a visitor, a document, a model, a source or a setting ever becomes markup or runs."""

from __future__ import annotations

import json

from playwright.async_api import Page, Route

from tests.widget.asking import answered, ask, open_widget

RUN = "window.ran=1"
PAYLOADS = [
    f"<script>{RUN}</script>", f"<img src=x onerror={RUN}>", f"<svg onload={RUN}>", f"<svg><script>{RUN}</script></svg>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>", f"<iframe src=javascript:parent.{RUN}></iframe>",
    f"<a href=javascript:{RUN}>x</a>", f"[x](javascript:{RUN})", f"![x](x onerror={RUN})", f"javascript:{RUN}",
    f"<body onload={RUN}>", f"<details open ontoggle={RUN}>", f"<video><source onerror={RUN}></video>",
    f"<audio src=x onerror={RUN}>", f"<input autofocus onfocus={RUN}>", f"<select autofocus onfocus={RUN}>",
    f"<marquee onstart={RUN}>", f"<object data=javascript:{RUN}>", f"<embed src=javascript:{RUN}>",
    f"<math><mtext><script>{RUN}</script></mtext></math>", f"</p><script>{RUN}</script>", f"</style><script>{RUN}</script>",
    f"</textarea><script>{RUN}</script>", f"</title><script>{RUN}</script>", f"</script><script>{RUN}</script>",
    f"\"><script>{RUN}</script>", f"'><script>{RUN}</script>", f"` onmouseover={RUN} `", f"\" onfocus={RUN} autofocus x=\"",
    f"${{{RUN}}}", f"{{{{constructor.constructor('{RUN}')()}}}}", f"<%= {RUN} %>", f"#{{{RUN}}}", f"<!--><script>{RUN}</script>-->",
    f"<![CDATA[<script>{RUN}</script>]]>", f"&lt;script&gt;{RUN}&lt;/script&gt;", f"&#60;script&#62;{RUN}&#60;/script&#62;",
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e", f"%3Cscript%3E{RUN}%3C/script%3E", f"<scr\u0000ipt>{RUN}</scr\u0000ipt>",
    f"<SCRIPT SRC=data:text/javascript,{RUN}></SCRIPT>", f"data:text/html,<script>{RUN}</script>", f"vbscript:{RUN}",
    f"<link rel=stylesheet href=data:text/css,*{{x:expression({RUN})}}>", f"<style>@import 'javascript:{RUN}'</style>",
    f"<base href=javascript:{RUN}//>", f"<form action=javascript:{RUN}><button autofocus>x</button></form>",
    f"<template shadowrootmode=open><script>{RUN}</script></template>", f"red;}} *{{background:url(javascript:{RUN})",
    f"\u202e<script>{RUN}</script>\u2028<img src=x onerror={RUN}>",
]  # fmt: skip


def told(payload: str) -> dict:
    """A service that has been taken over answers with the payload wherever it can."""
    citation = {
        "n": 1,
        "document": payload,
        "title": payload,
        "text": payload,
        "start": 0,
        "end": 9,
        "effective": payload,
        "link": payload,
    }
    sentence = {"text": payload, "claim": True, "citations": [1]}
    return {"sentence": sentence, "citations": [citation]}


def stream() -> str:
    lines = [
        {
            "choices": [{"delta": {"role": "assistant", "content": ""}}],
            "assistant": {"answer_id": "a", "conversation_id": "c"},
        }
    ]
    lines += [{"choices": [{"delta": {"content": f" {each}"}}], "assistant": told(each)} for each in PAYLOADS]
    citations = [{**told(each)["citations"][0], "n": n} for n, each in enumerate(PAYLOADS, start=1)]
    omitted = [{"kind": each, "text": each} for each in PAYLOADS]
    answer = {
        "answer_id": "a", "conversation_id": "c", "outcome": "answered", "task": "answer", "omitted": omitted,
        "sentences": [told(each)["sentence"] for each in PAYLOADS], "citations": citations,
    }  # fmt: skip
    lines.append({"choices": [{"delta": {}, "finish_reason": "stop"}], "assistant": answer})
    return "".join(f"id: {n}\ndata: {json.dumps(line)}\n\n" for n, line in enumerate(lines)) + "data: [DONE]\n\n"


def settings(origin: str) -> dict:
    text = " ".join(PAYLOADS)
    return {
        "name": "shop", "title": text, "language": text, "tasks": ["answer"], "notice": text, "disclaimer": text,
        "suggestions": PAYLOADS, "theme": {"light": {"accent": PAYLOADS[-2], "on_accent": text}, "dark": {"accent": text, "on_accent": text}},
        "handoff": {"text": text, "mailto": f"javascript:{RUN}@x", "person": True},
        "limits": {"file_bytes": 1048576, "document_characters": 1000, "question_characters": 20000},
    }  # fmt: skip


async def strangers(page: Page) -> list[str]:
    """Elements of the widget that it never makes itself, attributes that run, and links that lead elsewhere."""
    return await page.evaluate(
        """() => {
          const launcher = document.querySelector("assistant-widget").shadowRoot;
          const inside = launcher.querySelector("assistant-conversation").shadowRoot;
          const known = new RegExp("^(A|ARTICLE|BLOCKQUOTE|BUTTON|DIALOG|DIV|FORM|H2|H3|HEADER|INPUT|LI|MARK|P|SPAN" +
            "|TEXTAREA|UL|svg|path)$");
          return [...inside.querySelectorAll("*")].filter(each =>
            !known.test(each.tagName) || [...each.attributes].some(({ name }) => /^on|^style$|^src/.test(name)) ||
            (each.href !== undefined && !/^(https?|mailto):/.test(each.href))
          ).map(each => each.outerHTML.slice(0, 200));
        }"""
    )


async def test_fifty_payloads_in_every_place_are_read_as_text(site, visit):
    assert len(set(PAYLOADS)) >= 50
    # With no policy to help it: what keeps them from running is that they are text.
    page = await visit(site.page(await site.token(), kind="loud"), faulty=True)
    readable = {"access-control-allow-origin": "*", "access-control-allow-headers": "*"}

    async def take_over(route: Route) -> None:
        if route.request.method == "OPTIONS":
            await route.fulfill(status=204, headers=readable)
        elif "/v1/verticals/" in route.request.url:
            await route.fulfill(json=settings(site.shop), headers=readable)
        else:
            await route.fulfill(body=stream(), content_type="text/event-stream", headers=readable)

    await page.route("**/v1/**", take_over)
    await open_widget(page)
    await ask(page, " ".join(PAYLOADS))
    turn = await answered(page)
    await turn.get_by_role("button", name="Show what each sentence stands on").click()
    assert await strangers(page) == []
    for n in (0, 25, len(PAYLOADS) - 1):
        await turn.locator(".sources button").nth(n).click()
        assert await strangers(page) == []
        await page.keyboard.press("Escape")
    await turn.get_by_role("button", name="This helped").click()
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("button", name="Talk to a person").click()
    assert await strangers(page) == []
    assert await page.locator(".text").inner_text() != ""
    assert await page.evaluate("window.ran") is None


async def test_payloads_in_a_question_and_a_document_run_through_the_real_service_unharmed(site, visit):
    site.model.will_say(
        "You can return an unopened item <b>within 30 days</b> <img src=x onerror=window.ran=1> from delivery."
    )
    page = await visit(site.page(await site.token()))
    box = await open_widget(page)
    await page.evaluate(
        "text => document.querySelector('assistant-widget').attach(text, text)",
        f"Return it within 30 days. {' '.join(PAYLOADS)}".replace("\0", ""),
    )
    await page.locator(".chip").wait_for()
    await box.fill(f"How long do I have to return an unopened item? {PAYLOADS[1]}")
    await box.press("Enter")
    await answered(page)
    assert await strangers(page) == []
    assert await page.evaluate("window.ran") is None
