import pytest

from assistant.errors import Forbidden, Invalid, Misconfigured, ModelUnavailable, NotFound, RailsUnavailable, TooLarge

CHAT = "/v1/chat/completions"
ASK = {"model": "feedback", "messages": [{"role": "user", "content": "x"}]}


async def test_a_problem_has_the_members_of_rfc_9457_and_openais_error(client, doors):
    doors.line.will_play(NotFound("there is no conversation 'con-9'", param="conversation_id"))
    response = await client.post(CHAT, json=ASK, headers={"x-request-id": "r-7"})
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {
        "type": "urn:assistant:problem:not-found",
        "title": "Not found",
        "status": 404,
        "detail": "there is no conversation 'con-9'",
        "instance": "r-7",
        "error": {
            "message": "there is no conversation 'con-9'",
            "type": "not_found_error",
            "param": "conversation_id",
            "code": "not-found",
        },
    }


@pytest.mark.parametrize(
    ("method", "path", "body", "param"),
    [
        ("POST", CHAT, {**ASK, "model": "nope"}, "model"),
        ("POST", CHAT, {**ASK, "model": "feedback@sha256:nope"}, "model"),
        ("GET", "/v1/models/nope", None, "model"),
        ("GET", "/v1/verticals/nope", None, "vertical"),
        ("GET", "/readyz?vertical=nope", None, "vertical"),
        ("POST", "/v1/search", {"vertical": "nope", "query": "x"}, "vertical"),
        ("POST", "/v1/checks", {"vertical": "nope", "stage": "input", "text": "x"}, "vertical"),
        ("POST", "/v1/webhooks", {"url": "http://x.example", "events": ["block"], "verticals": ["nope"]}, "verticals"),
        ("DELETE", "/v1/webhooks/nope", None, "webhook_id"),
        ("POST", "/v1/feedback", {"answer_id": "nope", "rating": "up"}, "answer_id"),
        ("POST", "/v1/answers/nope/approval", {"text": "x"}, "answer_id"),
        ("GET", "/v1/answers/nope", None, "answer_id"),
        ("GET", "/v1/answers/nope/stream", None, "answer_id"),
        ("DELETE", "/v1/conversations/nope", None, "conversation_id"),
        ("GET", "/v1/batches/nope", None, "batch_id"),
        ("GET", f"/v1/revisions/rev-{'0' * 32}", None, "revision_id"),
    ],
)
async def test_what_is_not_there_is_told_with_the_field_that_names_it(doors, method, path, body, param):
    async with doors.client(await doors.secret("chat", "check", "admin", "review")) as client:
        response = await client.request(method, path, json=body)
    assert (response.status_code, response.json()["error"]["param"]) == (404, param)


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (Invalid("x"), 422, "invalid_request_error"),
        (Forbidden("x"), 403, "permission_error"),
        (TooLarge("x"), 413, "invalid_request_error"),
        (RailsUnavailable("x"), 503, "server_error"),
        (Misconfigured("x"), 500, "server_error"),
    ],
)
async def test_each_error_of_ours_leaves_with_its_status(client, doors, error, status, kind):
    doors.line.will_play(error)
    response = await client.post(CHAT, json=ASK)
    assert (response.status_code, response.json()["error"]["type"]) == (status, kind)


async def test_what_is_unavailable_says_when_to_try_again(client, doors):
    doors.line.will_play(ModelUnavailable("all slots are busy", retry_after_s=7))
    response = await client.post(CHAT, json=ASK)
    assert (response.status_code, response.headers["retry-after"]) == (503, "7")


async def test_an_unexpected_failure_is_logged_and_tells_the_caller_nothing(client, doors, caplog):
    doors.line.will_play(ZeroDivisionError("secret 42"))
    response = await client.post(CHAT, json=ASK, headers={"x-request-id": "r-8"})
    assert (response.status_code, response.json()["instance"]) == (500, "r-8")
    assert "secret 42" not in response.text
    assert "r-8" in caplog.text
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "param", "takes"),
    [
        ("/v1/usage?from=nonsense", "from", "days"),
        ("/v1/answers/ans-1/stream?aftr=1", "aftr", "after, include_usage"),
        ("/readyz?name=feedback", "name", "vertical"),
    ],
)
async def test_a_parameter_that_a_call_does_not_take_is_told_with_those_it_does(client, path, param, takes):
    problem = (await client.get(path)).json()
    assert (problem["status"], problem["error"]["param"]) == (422, param)
    assert problem["detail"] == f"{param}: is not a parameter of this call; it takes: {takes}"


async def test_a_path_or_method_that_is_not_there_is_a_problem_too(client):
    missing = await client.get("/v1/nothing")
    assert (missing.status_code, missing.json()["type"]) == (404, "urn:assistant:problem:not-found")
    wrong = await client.get(CHAT)
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    assert wrong.json()["detail"] == "GET /v1/chat/completions: method not allowed"
