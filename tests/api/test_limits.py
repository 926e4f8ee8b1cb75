import httpx
import pytest

from assistant.api.limits import BodyLimit, HostCheck

CHAT = "/v1/chat/completions"
LIMIT = 64 * 1024  # As the fixture `doors` sets it.


async def test_a_body_that_says_it_is_too_large_is_refused_unread(client):
    response = await client.post(CHAT, content=b"x" * (LIMIT + 1))
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too-large")
    assert str(LIMIT) in response.json()["detail"]


async def test_a_body_of_unknown_length_is_refused_once_it_is_too_large(client):
    sent = 0

    async def endless():
        nonlocal sent
        while sent < 100 * LIMIT:
            sent += LIMIT // 2
            yield b" " * (LIMIT // 2)

    response = await client.post(CHAT, content=endless())
    assert response.status_code == 413
    assert sent < 5 * LIMIT


async def test_a_real_server_refuses_it_as_well_and_goes_on(doors, address):
    headers = {"authorization": f"Bearer {await doors.secret()}"}
    async with httpx.AsyncClient(base_url=address, headers=headers) as client:
        assert (await client.post(CHAT, content=b"x" * (20 * LIMIT))).status_code == 413
        assert (await client.get("/v1/models")).status_code == 200


@pytest.mark.parametrize("length", ["-1", "1e3", "٣", "many"])
async def test_a_length_that_is_no_number_is_refused(length):
    assert await status_of(BodyLimit(never, max_body_bytes=10), ("content-length", length)) == 422


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080", "localhost.", "assistant.example:443"]
)
async def test_known_names_are_answered(doors, host):
    async with doors.client(await doors.secret(), host=host) as client:
        assert (await client.get("/v1/models")).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "", "[::1"])
async def test_a_foreign_name_is_refused_even_with_a_key(doors, host):
    async with doors.client(await doors.secret(), host=host) as client:
        response = await client.get("/v1/models")
    if host == "[::1":  # A missing bracket changes nothing about the name.
        assert response.status_code == 200
    else:
        assert (response.status_code, response.json()["error"]["code"]) == (421, "misdirected-host")


async def test_two_host_headers_are_refused():
    assert await status_of(HostCheck(never), ("host", "localhost"), ("host", "evil.example")) == 421


async def test_any_name_is_answered_where_that_was_asked_for():
    assert await status_of(HostCheck(empty, allowed_hosts=["*"]), ("host", "evil.example")) == 204


async def test_a_websocket_under_a_foreign_name_is_closed():
    sent = await messages_of(HostCheck(never), "websocket", ("host", "evil.example"))
    assert [message["type"] for message in sent] == ["websocket.close"]


async def never(scope, receive, send):
    raise AssertionError("a refused request went further")


async def empty(scope, receive, send):
    await send({"type": "http.response.start", "status": 204, "headers": []})


async def status_of(app, *headers: tuple[str, str]) -> int:
    return (await messages_of(app, "http", *headers))[0]["status"]


async def messages_of(app, kind: str, *headers: tuple[str, str]) -> list[dict]:
    sent: list[dict] = []

    async def send(message):
        sent.append(message)

    raw = [(name.encode(), value.encode("utf-8")) for name, value in headers]
    await app({"type": kind, "path": "/v1/models", "method": "GET", "headers": raw}, None, send)
    return sent
