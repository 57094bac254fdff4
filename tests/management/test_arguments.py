"""Arguments of the commands: errors and help."""

import pytest
from django.core.management import CommandError, call_command


@pytest.mark.parametrize("model_ids", [["gpt3"], ["gpt2", "gpt3"], [""], ["../gpt2"]])
def test_an_unknown_model_is_refused_before_anything_is_fetched(model_ids):
    with pytest.raises(
        CommandError, match=r"Available models: \[gpt2, gpt2-medium, smollm2-135m\]"
    ):
        call_command("download_models", *model_ids)


def test_the_help_says_what_happens_without_ids(capsys):
    with pytest.raises(SystemExit) as exit_:
        call_command("download_models", "--help")
    assert exit_.value.code == 0
    assert "Without ids" in capsys.readouterr().out
