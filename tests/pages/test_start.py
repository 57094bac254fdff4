"""GET and POST /."""

import pytest

from tests.pages.markup import find_all, find_one
from wheel import services
from wheel.models import SessionIndexEntry


@pytest.fixture
def start_page(visitor):
    return visitor.get("/")


def test_the_start_page_offers_five_examples_and_every_model(start_page):
    html = start_page.content.decode()
    assert html.count("data-example=") == 5
    assert 'data-example="The cat sat on the"' in html
    assert html.index('value="gpt2"') < html.index('value="gpt2-medium"')
    assert "GPT-2 Medium" in html
    assert "124M parameters" in html


def test_a_model_that_is_not_here_is_disabled_and_says_what_to_run(visitor, start_page):
    html = start_page.content.decode()
    assert html.count("disabled") == 1
    assert "download_models gpt2-medium" in html
    assert visitor.form(start_page, "/")["fields"]["model"] == "gpt2"


def test_an_example_is_a_link_that_fills_the_box(visitor):
    page = visitor.get("/", {"prompt": "The cat sat on the"})
    assert visitor.form(page, "/")["fields"]["prompt"] == "The cat sat on the"


def test_starting_leads_to_the_wheel_of_the_prompt(visitor, start_page):
    response = visitor.send(start_page, "/", follow=False, prompt="The dog")
    assert response.status_code == 302
    session_id = response["Location"].removeprefix("/wheel/")
    assert services.get_session(session_id=session_id).current_text == "The dog"
    assert visitor.get(response["Location"]).status_code == 200


def test_spaces_at_the_ends_are_kept_and_line_breaks_are_one_character(visitor, start_page):
    response = visitor.send(start_page, "/", follow=False, prompt=" a\r\nb ")
    session_id = response["Location"].removeprefix("/wheel/")
    assert services.get_session(session_id=session_id).current_text == " a\nb "


@pytest.mark.parametrize("prompt", ["", "   ", "\r\n"])
def test_an_empty_prompt_is_told_beside_the_field(visitor, start_page, prompt):
    response = visitor.send(start_page, "/", prompt=prompt)
    assert response.status_code == 400
    assert "Write a few words" in response.content.decode()


@pytest.mark.parametrize("prompt", ["x" * 4001, "cat " * 900])
def test_a_prompt_that_is_too_long_is_kept_and_no_session_stays(visitor, start_page, prompt):
    response = visitor.send(start_page, "/", prompt=prompt)
    assert response.status_code == 400
    assert "at most" in response.content.decode()
    assert visitor.form(response, "/")["fields"]["prompt"] == prompt
    assert not SessionIndexEntry.objects.exists()


def test_a_prompt_with_a_null_character_is_refused(visitor, start_page):
    assert visitor.send(start_page, "/", prompt="a\0b").status_code == 400


def test_an_unknown_model_is_told_and_the_prompt_kept(visitor, start_page):
    response = visitor.send(start_page, "/", prompt="The cat", model="gpt-9")
    assert response.status_code == 400
    assert "Invalid model name" in response.content.decode()
    assert visitor.form(response, "/")["fields"]["prompt"] == "The cat"


def test_a_model_that_is_not_here_answers_503_with_what_to_run(visitor, start_page):
    response = visitor.send(start_page, "/", prompt="The cat", model="gpt2-medium")
    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert "download_models" in response.content.decode()


def test_without_a_model_the_default_one_is_taken(visitor):
    assert visitor.post("/", {"prompt": "The cat"}).status_code == 302


def test_the_start_page_refuses_methods_other_than_get_head_and_post(visitor):
    assert visitor.delete("/").status_code == 405


@pytest.mark.parametrize("model", ["gpt-9", "gpt2-medium"])
def test_a_problem_with_the_model_is_told_beside_the_models_and_not_beside_the_prompt(
    visitor, start_page, model
):
    html = visitor.send(start_page, "/", prompt="The cat", model=model).content.decode()
    models = find_one(html, "fieldset", with_class="models")
    (error,) = find_all(html, "p", with_class="field-error")
    assert error.text
    assert error.text in models.text
    assert find_all(html, "p", id="id_prompt_error") == []


def test_a_problem_with_the_prompt_is_told_beside_the_prompt_and_not_beside_the_models(
    visitor, start_page
):
    html = visitor.send(start_page, "/", prompt="x" * 4001).content.decode()
    (error,) = find_all(html, "p", with_class="field-error")
    assert error.attributes["id"] == "id_prompt_error"
    assert error.text not in find_one(html, "fieldset", with_class="models").text
