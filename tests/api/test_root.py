"""GET /api/."""


def test_the_root_gives_name_version_and_links(api):
    answer = api.get("/api/")
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) >= {"name", "version", "docs", "schema", "health"}
    assert body["name"] == "Token Wheel API"
    assert body["version"] == "0.1.0"
    assert (body["docs"], body["schema"]) == ("/api/docs", "/api/schema")
    assert body["health"] == "/health"


def test_every_link_of_the_root_answers_with_200(api):
    body = api.get("/api/").json()
    for name in ("docs", "schema", "health"):
        assert api.get(body[name]).status_code == 200


def test_the_root_without_its_slash_leads_to_it(api):
    assert api.get("/api", follow=True).json() == api.get("/api/").json()
