import pytest

from assistant.messages import Document

BODY = {"vertical": "feedback", "stage": "output", "text": "Refunds take five days."}


async def test_a_check_gives_the_verdict_with_its_release(client, doors):
    evidence = [{"id": "refunds", "title": "Refunds", "text": "Within 5 days."}]
    sent = {**BODY, "evidence": evidence, "question": "How long?", "rail": "grounding"}
    body = (await client.post("/v1/checks", json=sent)).json()
    assert (body["outcome"], body["scores"]) == ("pass", {"topics": 0.9})
    assert body["release"] == "sha256:" + "ab" * 32
    document = Document("refunds", "Refunds", "Within 5 days.")
    assert doors.checks.asked == [
        ("feedback", "output", "Refunds take five days.", (document,), "How long?", "grounding")
    ]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"stage": "middle"}, "stage"),
        ({"text": " "}, "text"),
        ({"evidnce": []}, "evidnce"),
        ({"evidence": ["loose text"]}, "evidence[0]"),
    ],
)
async def test_a_check_that_cannot_be_done_as_meant_names_the_field(client, change, param):
    response = await client.post("/v1/checks", json={**BODY, **change})
    assert (response.status_code, response.json()["error"]["param"]) == (422, param)


async def test_an_unknown_vertical_is_not_checked(client, doors):
    assert (await client.post("/v1/checks", json={**BODY, "vertical": "cooking"})).status_code == 404
    assert doors.checks.asked == []
