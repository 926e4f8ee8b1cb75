import pytest

from assistant.ledger.chain import records

CALLS = [
    ("POST", "/v1/chat/completions"),
    ("GET", "/v1/models"),
    ("POST", "/v1/checks"),
    ("POST", "/v1/search"),
    ("DELETE", "/v1/conversations/con-1"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_every_call_needs_a_key_before_its_body_is_looked_at(doors, method, path):
    async with doors.client() as client:
        response = await client.request(method, path, content=b"{")
    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
    assert "Authorization: Bearer" in response.json()["detail"]


@pytest.mark.parametrize("header", ["authorization", "api-key", "x-api-key"])
async def test_a_key_is_taken_from_each_header_that_clients_use(doors, header):
    secret = await doors.secret()
    value = f"bearer {secret}" if header == "authorization" else secret
    async with doors.client(**{header: value}) as client:
        assert (await client.get("/v1/models")).status_code == 200


@pytest.mark.parametrize("value", ["Bearer", "Bearer nonsense", "Basic YTpi", "Bearer ast_000000000000_" + "x" * 32])
async def test_a_key_we_do_not_know_is_refused(doors, value):
    async with doors.client(authorization=value) as client:
        assert (await client.get("/v1/models")).status_code == 401


async def test_a_revoked_key_is_refused_from_the_next_request_on(doors):
    created = await doors.keys.create("test", ["chat"])
    async with doors.client(created.secret) as client:
        assert (await client.get("/v1/models")).status_code == 200
        await doors.keys.revoke(created.key.id)
        assert (await client.get("/v1/models")).status_code == 401


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/checks", {"vertical": "feedback", "stage": "input", "text": "x"}),
        ("/v1/search", {"vertical": "feedback", "query": "x"}),
    ],
)
async def test_a_key_for_chats_alone_neither_checks_nor_searches(doors, path, body):
    async with doors.client(await doors.secret("chat")) as client:
        response = await client.post(path, json=body)
    assert (response.status_code, "'check'" in response.json()["detail"]) == (403, True)


async def test_a_key_for_checks_alone_does_not_chat(doors):
    body = {"model": "feedback", "messages": [{"role": "user", "content": "x"}]}
    async with doors.client(await doors.secret("check")) as client:
        assert (await client.post("/v1/chat/completions", json=body)).status_code == 403
        assert (await client.delete("/v1/conversations/con-1")).status_code == 403


async def test_what_is_refused_is_counted_for_the_audit_chain_by_status_route_and_caller(doors):
    created = await doors.keys.create("test", ["chat"])
    async with doors.client() as client:
        await client.post("/v1/search", json={})
        await client.post("/v1/chat/completions", content=b"x" * (64 * 1024 + 1))
        await client.post("/v1/nowhere/" + "x" * 500, content=b"x" * (64 * 1024 + 1))
    async with doors.client(created.secret) as client:
        await client.post("/v1/revisions", json={})
        assert (await client.get("/v1/models")).status_code == 200
    await doors.services.refusals.write()
    told = [record.read() async for record in records(doors.database)][-1]
    assert (told["kind"], told["facts"]["requests"]) == ("requests.refused", 4)
    refused = {(each["status"], each["route"], each["who"]) for each in told["facts"]["most"]}
    (address,) = {who for _, _, who in refused} - {created.key.id}
    assert refused == {
        (401, "POST /v1/search", address),
        (413, "POST /v1/chat/completions", address),
        (413, "POST none", address),
        (403, "POST /v1/revisions", created.key.id),
    }
