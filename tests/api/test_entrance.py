import httpx


async def test_the_description_is_open_on_this_machine_and_needs_a_key_from_elsewhere(doors):
    secret = await doors.secret()
    elsewhere = httpx.ASGITransport(doors.app, client=("203.0.113.9", 5000))
    async with doors.client() as here, httpx.AsyncClient(transport=elsewhere, base_url="http://localhost") as there:
        assert (await here.get("/openapi.json")).status_code == 200
        assert (await there.get("/openapi.json")).status_code == 401
        allowed = await there.get("/openapi.json", headers={"authorization": f"Bearer {secret}"})
        assert allowed.status_code == 200


async def test_every_reference_in_the_description_is_there(doors):
    async with doors.client() as client:
        description = (await client.get("/openapi.json")).json()
    schemas = description["components"]["schemas"]
    references = [name.rsplit("/", 1)[-1] for name in references_in(description)]
    assert {"ChatBody", "CheckBody", "SearchBody"} <= set(references)
    assert set(references) <= set(schemas)
    content = schemas["WireMessage"]["properties"]["content"]
    assert [kind["type"] for kind in content["anyOf"]] == ["string", "array", "null"]


async def test_no_page_that_loads_scripts_from_elsewhere_is_served(doors):
    async with doors.client() as client:
        assert [(await client.get(path)).status_code for path in ("/docs", "/redoc")] == [404, 404]


def references_in(node) -> list[str]:
    if isinstance(node, list):
        return [found for each in node for found in references_in(each)]
    if not isinstance(node, dict):
        return []
    own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
    return own + [found for each in node.values() for found in references_in(each)]
