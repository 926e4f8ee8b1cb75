import pytest


async def test_a_sane_request_id_is_kept_and_returned(client):
    response = await client.get("/healthz", headers={"x-request-id": "trace-1.a_B"})
    assert response.headers["x-request-id"] == "trace-1.a_B"


@pytest.mark.parametrize("sent", ["", "a b", "x" * 65, "<script>", 'quote"'])
async def test_any_other_request_id_is_replaced(client, sent):
    given = {(await client.get("/healthz", headers={"x-request-id": sent})).headers["x-request-id"] for _ in range(2)}
    assert sent not in given
    assert len(given) == 2


async def test_data_may_neither_be_framed_nor_sniffed_nor_cached(client):
    headers = (await client.get("/v1/models")).headers
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")


async def test_a_refusal_at_the_gate_carries_the_headers_as_well(doors):
    async with doors.client(host="evil.example") as client:
        headers = (await client.get("/v1/models")).headers
    assert headers["x-request-id"]
    assert headers["x-content-type-options"] == "nosniff"
