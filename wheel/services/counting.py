"""Sessions whose model is made by counting the tokens of a text (decision 0045)."""

from django.utils.translation import gettext_noop

from wheel import runtime
from wheel.domain.counted_text import CountedText
from wheel.domain.counting_model import ORDERS, CountingModel
from wheel.domain.wheel_session import WheelSession
from wheel.errors import InvalidFieldsError, TokenWheelError
from wheel.language_models.tokenizer import Tokenizer
from wheel.services.guards import allow_any_change
from wheel.services.prompts import require_characters, write_prompt
from wheel.services.sessions import delete_session, store_session
from wheel.shipped_texts import SHIPPED_TEXTS

MAX_TEXT_CHARACTERS = 20_000

NO_TEXT = gettext_noop("Paste a text whose words can be counted.")
UNSPELLABLE = gettext_noop("This model has no tokens for some of the characters of this text.")
UNKNOWN_TEXT = gettext_noop("There is no text with this name.")
UNKNOWN_ORDER = gettext_noop("Must be 2 or 3: the number of tokens that are counted together.")


def start_counting(
    *,
    prompt: str,
    order: int,
    text: str | None = None,
    text_key: str | None = None,
    seed: int | None = None,
) -> WheelSession:
    """A new session with this prompt, whose model counts the tokens of `text`, or of the text of
    `SHIPPED_TEXTS` with this key. The tokenizer is that of the server's default model.

    Raises `InvalidFieldsError` for a text, a key or an order that cannot be used, and what
    `start_text` raises; no session is left behind then.
    """
    if order not in ORDERS:
        raise InvalidFieldsError({"order": [UNKNOWN_ORDER]})
    require_characters(prompt)
    counted = count_text(text_to_count(text, text_key), order=order, text_key=text_key)
    stored = store_session(counted.model_id, seed=seed, counted_text=counted)
    try:
        return write_prompt(stored, prompt, None, allow_any_change).session
    except TokenWheelError:
        delete_session(session_id=stored.session.session_id)
        raise


def counting_model(*, session: WheelSession) -> CountingModel | None:
    """The counting model of this session; None for a session with a model of the catalog."""
    return session.counted_text.model() if session.counted_text else None


def text_to_count(text: str | None, text_key: str | None) -> str:
    if text_key is not None:
        if text_key not in SHIPPED_TEXTS:
            raise InvalidFieldsError({"text_key": [UNKNOWN_TEXT]})
        return SHIPPED_TEXTS[text_key].read()
    if text is None or not text.strip():
        raise InvalidFieldsError({"text": [NO_TEXT]})
    if len(text) > MAX_TEXT_CHARACTERS:
        raise InvalidFieldsError({"text": [too_long(len(text))]})
    return text


def too_long(num_characters: int) -> str:
    return (
        f"The text has {num_characters} characters; at most {MAX_TEXT_CHARACTERS} can be counted."
    )


def count_text(text: str, *, order: int, text_key: str | None) -> CountedText:
    catalog = runtime.current().catalog
    model_id = catalog.default_model_id()
    tokenizer = catalog.tokenizer(model_id)
    return CountedText.from_token_ids(
        encode_text(text, tokenizer),
        order=order,
        tokenizer_model_id=model_id,
        vocabulary_size=tokenizer.vocabulary_size,
        text_key=text_key,
    )


def encode_text(text: str, tokenizer: Tokenizer) -> tuple[int, ...]:
    try:
        return tokenizer.encode(text)
    except InvalidFieldsError:
        raise InvalidFieldsError({"text": [UNSPELLABLE]}) from None
