from assistant.releases.readiness import Standing, VerticalStanding

READY, STALE = VerticalStanding("ready"), VerticalStanding("stale", ("an older release answers",))
MISSING = VerticalStanding("not ready", ("the model smollm2-135m is missing",))


async def test_the_probes_are_open_and_come_under_any_name(doors):
    async with doors.client(host="10.0.0.7:8080") as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        told = (await client.get("/readyz")).json()
    assert told == {"status": "ready", "missing": [], "verticals": {"feedback": "ready", "medical": "ready"}}


async def test_what_is_missing_is_said_until_it_is_there(doors):
    doors.standing = Standing({"medical": MISSING})
    async with doors.client() as client:
        response = await client.get("/readyz")
        assert (response.status_code, response.json()["status"]) == (503, "not ready")
        assert response.json()["missing"] == ["medical: the model smollm2-135m is missing"]
        assert (await client.get("/healthz")).status_code == 200


async def test_one_vertical_that_is_broken_does_not_take_the_others_down(doors):
    doors.standing = Standing({"feedback": READY, "marketing": STALE, "medical": MISSING})
    async with doors.client() as client:
        whole = await client.get("/readyz")
        alone = {name: await client.get(f"/readyz?vertical={name}") for name in (*doors.standing.verticals, "none")}
    assert (whole.status_code, whole.json()["status"], len(whole.json()["missing"])) == (200, "degraded", 2)
    assert {name: each.status_code for name, each in alone.items()} == {
        "feedback": 200,
        "marketing": 200,
        "medical": 503,
        "none": 404,
    }
