import pytest


async def test_a_search_gives_passages_with_where_they_stand(client, doors):
    body = (await client.post("/v1/search", json={"vertical": "feedback", "query": "return", "k": 2})).json()
    assert doors.searched == [("feedback", "return", 2)]
    assert body["data"] == [
        {
            "document": "returns.md",
            "title": "Returns",
            "text": "Within thirty days.",
            "start": 0,
            "end": 19,
            "score": 0.7123,
            "trust": "approved",
        }
    ]


@pytest.mark.parametrize(("change", "param"), [({"k": 0}, "k"), ({"k": 21}, "k"), ({"query": ""}, "query")])
async def test_a_search_that_makes_no_sense_names_the_field(client, change, param):
    response = await client.post("/v1/search", json={"vertical": "feedback", "query": "return", **change})
    assert (response.status_code, response.json()["error"]["param"]) == (422, param)
