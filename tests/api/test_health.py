async def test_the_probes_are_open_and_come_under_any_name(doors):
    async with doors.client(host="10.0.0.7:8080") as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        assert (await client.get("/readyz")).json() == {"status": "ready", "missing": []}


async def test_what_is_missing_is_said_until_it_is_there(doors):
    doors.missing.append("medical: the model smollm2-135m is missing")
    async with doors.client() as client:
        response = await client.get("/readyz")
        assert (response.status_code, response.json()["missing"]) == (503, doors.missing)
        assert (await client.get("/healthz")).status_code == 200
