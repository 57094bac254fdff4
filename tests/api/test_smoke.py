def test_a_spin(api, session_url):
    answer = api.post_json(f"{session_url}/spin", {"u": 0.5})
    assert answer.status_code == 200, answer.content
    assert answer.json()["current_text"].startswith("The cat sat on the")
