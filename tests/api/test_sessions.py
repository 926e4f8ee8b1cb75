import pytest

PASSWORD = "correct horse battery"
BODY = {"email": "jane@shop.example", "password": PASSWORD}
CHAT = {"model": "feedback", "messages": [{"role": "user", "content": "How long?"}]}


@pytest.fixture
async def jane(doors):
    return await doors.people.add("jane@shop.example", "Jane", ["reviewer"], ["feedback"], password=PASSWORD)


async def test_a_person_signs_in_works_and_signs_out(doors, jane):
    async with doors.client() as browser:
        signed_in = await browser.post("/v1/session", json=BODY)
        assert signed_in.status_code == 201
        assert signed_in.json()["person"]["roles"] == ["reviewer"]
        csrf = {"x-csrf-token": signed_in.json()["csrf_token"]}
        assert [each["id"] for each in (await browser.get("/v1/models")).json()["data"]] == ["feedback"]
        assert (await browser.post("/v1/chat/completions", json=CHAT, headers=csrf)).status_code == 200
        assert doors.line.requests[0].key_id == f"person.{jane.id}"
        assert (await browser.get("/v1/session")).json() == signed_in.json()
        kept = dict(browser.cookies)
        assert (await browser.delete("/v1/session", headers=csrf)).status_code == 204
        assert not browser.cookies
        assert (await browser.get("/v1/session", cookies=kept)).status_code == 401


async def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(doors, jane):
    async with doors.client() as browser:
        cookie = (await browser.post("/v1/session", json=BODY)).headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie
        secure = (await browser.post("https://localhost/v1/session", json=BODY)).headers["set-cookie"]
        assert "Secure" in secure


async def test_a_wrong_password_opens_nothing(doors, jane):
    async with doors.client() as browser:
        response = await browser.post("/v1/session", json={**BODY, "password": "wrong horse battery"})
        assert response.status_code == 401
        assert not browser.cookies


async def test_another_site_cannot_sign_a_browser_in(doors, jane):
    async with doors.client() as browser:
        response = await browser.post("/v1/session", json=BODY, headers={"sec-fetch-site": "cross-site"})
    assert response.status_code == 403


async def test_a_change_without_the_csrf_token_is_refused_and_says_where_it_is(doors, jane):
    async with doors.client() as browser:
        await browser.post("/v1/session", json=BODY)
        response = await browser.post("/v1/chat/completions", json=CHAT, headers={"x-csrf-token": "0" * 64})
    assert response.status_code == 403
    assert "x-csrf-token" in response.json()["detail"] and "/v1/session" in response.json()["detail"]
    assert doors.line.requests == []
