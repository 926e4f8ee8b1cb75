async def test_the_verticals_are_listed_as_models(client):
    listed = (await client.get("/v1/models")).json()
    assert listed["object"] == "list"
    assert listed["data"][0] == {
        "id": "feedback",
        "object": "model",
        "created": 0,
        "owned_by": "assistant",
        "title": "Shop <feedback>",
        "tasks": ["answer", "summarize"],
        "language": "en",
        "release": "sha256:" + "ab" * 32,
    }


async def test_a_limited_key_sees_only_its_own(doors):
    async with doors.client(await doors.secret(verticals=["medical"])) as client:
        assert [each["id"] for each in (await client.get("/v1/models")).json()["data"]] == ["medical"]


async def test_one_of_them_is_shown_as_in_the_list_and_no_other_is_there(client):
    (first, *_) = (await client.get("/v1/models")).json()["data"]
    assert (await client.get("/v1/models/feedback")).json() == first
    missing = await client.get("/v1/models/gpt-4o")
    assert (missing.status_code, missing.json()["type"]) == (404, "urn:assistant:problem:unknown-vertical")
    assert missing.json()["error"]["param"] == "model"


async def test_a_limited_key_is_shown_no_other(doors):
    async with doors.client(await doors.secret(verticals=["medical"])) as client:
        assert (await client.get("/v1/models/medical")).status_code == 200
        assert (await client.get("/v1/models/feedback")).status_code == 404
