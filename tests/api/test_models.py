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
