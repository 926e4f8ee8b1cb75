"""The description of the API, held against itself and against the running service."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from jsonschema import Draft202012Validator
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from tests.api.live import Live, serving

EXAMPLES = 8  # Requests a call and mode, of some sixty calls; with 25 this file took 85 s of a run in two processes.
OPEN = {"/healthz", "/readyz"}
SIGN_IN = "/v1/session/oidc"  # Of no use without a provider, and a provider may send more than was agreed.
KNOWN = {
    "/v1/chat/completions",
    "/v1/models",
    "/v1/checks",
    "/v1/search",
    "/v1/files",
    "/v1/conversations/{conversation_id}",
    "/v1/batches",
    "/v1/batches/{batch_id}/output",
    "/v1/session",
    "/v1/usage",
    *OPEN,
}
# What a request must say beyond its form (a last message of the user, words in a text) no schema can tell, and a form
# with a file may hold anything beside it.
UNTELLABLE = [positive_data_acceptance]
BOUNDED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],  # Making a failing request small would take longer than all the rest.
    suppress_health_check=list(HealthCheck),
)


@schemathesis.serializer("application/jsonl")
def lines(_context: object, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@pytest.fixture(scope="module")
def live() -> Iterator[Live]:
    with serving("chat", "check") as running:
        yield running


@pytest.fixture(scope="module")
def description(live: Live) -> dict:
    return httpx.get(f"{live.address}/openapi.json").json()


@pytest.fixture(scope="module")
def operations(live: Live) -> list[APIOperation]:
    found = schemathesis.openapi.from_url(f"{live.address}/openapi.json").get_all_operations()
    return [each.ok() for each in found]


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_to_a_key_is_described(live: Live, operations: list[APIOperation], mode: GenerationMode):
    headers = {"Authorization": f"Bearer {live.secret}"}

    def ask(case: Case) -> None:
        response = case.call(headers=headers)
        # A body that is too large is refused as that, whatever else is wrong with it.
        refused = response.status_code == 413 or case.path.startswith(("/v1/files", SIGN_IN))
        case.validate_response(response, excluded_checks=UNTELLABLE + ([negative_data_rejection] if refused else []))
        assert response.status_code < 500

    assert play(ask, operations, mode) >= len(KNOWN) // 2


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_nothing_but_the_probes_answers_without_a_key(live: Live, operations: list[APIOperation], mode: GenerationMode):
    before = len(live.doors.line.requests)

    def ask(case: Case) -> None:
        response = case.call(headers={"Authorization": "Bearer ast_not-a-key"})
        if case.path in OPEN:
            assert response.status_code in (200, 404, 413, 422)
        else:
            assert response.status_code in (401, 403, 405, 413, 421, 422, 429) + (404,) * case.path.startswith(SIGN_IN)
            assert response.headers["content-type"] == ["application/problem+json"]

    assert play(ask, operations, mode) >= len(KNOWN) // 2
    assert len(live.doors.line.requests) == before


def play(ask: Callable[[Case], None], operations: list[APIOperation], mode: GenerationMode) -> int:
    """Asks every operation with generated requests; how many operations there were that can be asked in this mode."""
    played = 0
    for operation in operations:
        try:
            given(operation.as_strategy(generation_mode=mode))(BOUNDED(lambda case: ask(case)))()
            played += 1
        except Unsatisfiable:  # Nothing about a request without parameters can be wrong.
            continue
    return played


def test_it_is_openapi_3_1_and_covers_the_calls_there_are(description: dict):
    assert description["openapi"].startswith("3.1")
    assert set(description["paths"]) >= KNOWN


def test_every_example_is_valid_and_every_body_and_answer_has_one(description: dict):
    schemas = description["components"]["schemas"]
    bare = {"HTTPValidationError", "ValidationError", "StreamOptions", "WireMessage", "WireDocument", "CheckedLine"}
    for name, described in schemas.items():
        validator = Draft202012Validator(
            {"$ref": f"#/components/schemas/{name}", "components": description["components"]}
        )
        for example in described.get("examples", []):
            assert [error.message for error in validator.iter_errors(example)] == [], name
        assert name in bare or described.get("examples"), f"{name} has no example"


async def test_the_examples_of_requests_are_accepted(doors, description: dict):
    schemas = description["components"]["schemas"]
    async with doors.client(await doors.secret()) as client:
        for path, shape in (
            ("/v1/chat/completions", "ChatBody"),
            ("/v1/checks", "CheckBody"),
            ("/v1/search", "SearchBody"),
        ):
            for example in schemas[shape]["examples"]:
                assert (await client.post(path, json=example)).status_code == 200


def test_every_keyed_call_documents_every_status_it_may_answer(description: dict):
    for path, operations in description["paths"].items():
        for operation in operations.values():
            statuses = set(operation["responses"])
            assert {"413", "422", "500"} < statuses and statuses & {"200", "201", "202", "204", "303"}
            if path not in OPEN:
                assert {"401", "403", "421", "429", "503"} <= statuses and operation["security"]
