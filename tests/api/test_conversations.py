import pytest

from assistant.errors import NotFound
from assistant.records import Holds


async def test_a_conversation_is_erased_by_the_key_that_made_it(doors, answer):
    created = await doors.keys.create("mine", ["chat"])
    await doors.turns.add("con-1", "feedback", created.key.id, "How long?", answer, None)
    async with doors.client(created.secret) as client:
        response = await client.delete("/v1/conversations/con-1")
        assert response.json() == {"id": "con-1", "object": "conversation.deleted", "deleted": True}
        assert (await client.delete("/v1/conversations/con-1")).status_code == 404
    with pytest.raises(NotFound):
        await doors.turns.history("con-1", vertical="feedback", key_id=created.key.id)


async def test_a_conversation_of_another_key_is_not_found_and_not_erased(doors, answer, client):
    await doors.turns.add("con-1", "feedback", "someone-else", "How long?", answer, None)
    assert (await client.delete("/v1/conversations/con-1")).status_code == 404
    assert (await doors.turns.history("con-1", vertical="feedback", key_id="someone-else")).turns == 1


async def test_a_held_conversation_is_refused_and_stays(doors, answer):
    created = await doors.keys.create("mine", ["chat"])
    await doors.turns.add("con-1", "feedback", created.key.id, "How long?", answer, None)
    await Holds(doors.database).add("con-1", "a dispute")
    async with doors.client(created.secret) as client:
        response = await client.delete("/v1/conversations/con-1")
    assert (response.status_code, response.json()["type"]) == (409, "urn:assistant:problem:held")
    assert (await doors.turns.history("con-1", key_id=created.key.id)).turns == 1
