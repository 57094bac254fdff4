"""Text to token ids and back, for byte-level BPE tokenizers such as GPT-2's.

The tokens' bytes, concatenated, are always exactly the bytes of the text.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import tokenizers

from wheel.domain.token import END_OF_TEXT_NAMES, Token, decode
from wheel.errors import (
    AmbiguousTokenTextError,
    InvalidFieldsError,
    InvalidTokenIdError,
    NotOneTokenError,
)
from wheel.language_models.tokenizer_files import UnsupportedTokenizerError, read_backend
from wheel.sentences import Sentence

# Letters with accents as one character and as two, digits, white space of several kinds, and signs
# that other tokenizers change. Without characters that NFC changes for good.
PROBE = " The  cat\n\n\tsat,\r 1234 İı ﬁ Ａ ½ “it’s” Größe naïve cafe\u0301 \u200b中文 🎡 <s> ▁Ġ  "


class Tokenizer:
    """A tokenizer with the table of all its tokens, made once.

    backend            a byte-level BPE tokenizer; this object changes its options and owns it
    end_of_text_names  of the control tokens that end a text; none: the usual ones
    """

    def __init__(
        self, backend: tokenizers.Tokenizer, end_of_text_names: Collection[str] = ()
    ) -> None:
        backend.encode_special_tokens = True  # a control token that a user types is plain text
        backend.no_truncation()
        backend.no_padding()
        self._backend = backend
        self.tokens = token_table(backend, end_of_text_names or END_OF_TEXT_NAMES)
        self._ids_by_text = ids_by_text(self.tokens)
        self._single_bytes = {
            token.token_bytes
            for token in self.tokens
            if len(token.token_bytes) == 1 and not token.is_special
        }

    @classmethod
    def from_folder(cls, folder: Path, end_of_text_names: Collection[str] = ()) -> "Tokenizer":
        """Raises `UnsupportedTokenizerError`, and what `read_backend` raises."""
        tokenizer = cls(read_backend(folder), end_of_text_names)
        for name in end_of_text_names:
            tokenizer.control_id(name)
        tokenizer.require_texts_kept()
        return tokenizer

    @property
    def vocabulary_size(self) -> int:
        return len(self.tokens)

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hex, of the bytes of all tokens in the order of their ids. Tokenizers with
        the same digest mean the same tokens by the same ids."""
        digest = sha256()
        for token in self.tokens:
            digest.update(b"%d %d " % (len(token.token_bytes), token.is_special))
            digest.update(token.token_bytes)
        return digest.hexdigest()

    @cached_property
    def end_of_text_ids(self) -> frozenset[int]:
        """The control tokens that end a text or a turn."""
        return frozenset(token.token_id for token in self.tokens if token.ends_text)

    @cached_property
    def control_names(self) -> tuple[str, ...]:
        """The names of the control tokens, which are plain text if they are typed."""
        return tuple(token.token_text for token in self.tokens if token.is_special)

    def control_id(self, name: str) -> int:
        """The id of a control token. Raises `UnsupportedTokenizerError` if there is none."""
        for token in self.tokens:
            if token.is_special and token.token_text == name:
                return token.token_id
        raise UnsupportedTokenizerError(f"its tokenizer has no control token {name!r}")

    def require_texts_kept(self) -> None:
        """Try it out. Raises `UnsupportedTokenizerError` if a text is another one afterwards."""
        text = self._normalised("".join(filter(self._can_spell, PROBE)))
        if self.decode(self._backend.encode(text, add_special_tokens=False).ids) != text:
            raise UnsupportedTokenizerError("its tokenizer changes texts")

    def token(self, token_id: int) -> Token:
        """Raises `InvalidTokenIdError` for an id that is not in the vocabulary."""
        if not 0 <= token_id < self.vocabulary_size:
            raise InvalidTokenIdError(
                Sentence(
                    "Token id %(token_id)s is not in the vocabulary: ids go from 0 to %(last)s",
                    token_id=str(token_id),
                    last=str(self.vocabulary_size - 1),
                )
            )
        return self.tokens[token_id]

    def encode(self, text: str) -> tuple[int, ...]:
        """Token ids of a text, without any control token added or recognised. Of a text in its
        canonical form (NFC), if the model was trained on such texts only.

        Raises `InvalidFieldsError` for a text that the vocabulary cannot represent: a few lack the
        rarest bytes, and byte-pair encoding would drop them silently.
        """
        text = self._normalised(text)
        token_ids = tuple(self._backend.encode(text, add_special_tokens=False).ids)
        if self.decode(token_ids) != text:
            sentence = Sentence(
                "This model has no tokens for some of these characters: %(characters)s",
                characters=self._unspellable(text),
            )
            raise InvalidFieldsError({"prompt": [sentence]})
        return token_ids

    def decode(self, token_ids: Iterable[int]) -> str:
        """The text of a sequence of ids; U+FFFD only for bytes that are not (yet) a character."""
        return decode(b"".join(self.tokens[token_id].token_bytes for token_id in token_ids))

    def find_token(self, text: str) -> Token:
        """The one token with exactly this text. Raises `AmbiguousTokenTextError` for a text that
        several tokens share, and `NotOneTokenError`, also for the text of a control token, which is
        plain text if it is typed."""
        candidates = self._ids_by_text.get(text, ())
        if all(self.tokens[token_id].is_special for token_id in candidates):
            num_tokens = len(self._backend.encode(text, add_special_tokens=False).ids)
            raise NotOneTokenError(
                Sentence(
                    "The text must be exactly one token; it is %(number)s tokens",
                    number=num_tokens,
                )
            )
        if len(candidates) > 1:
            raise AmbiguousTokenTextError(text, candidates)
        return self.tokens[candidates[0]]

    def _normalised(self, text: str) -> str:
        normalizer = self._backend.normalizer
        return text if normalizer is None else str(normalizer.normalize_str(text))

    def _unspellable(self, text: str) -> str:
        characters = sorted({c for c in text if not self._can_spell(c)})
        return ", ".join(f"U+{ord(character):04X}" for character in characters)

    def _can_spell(self, character: str) -> bool:
        return all(bytes([byte]) in self._single_bytes for byte in character.encode())


def token_table(
    backend: tokenizers.Tokenizer, end_of_text_names: Collection[str]
) -> tuple[Token, ...]:
    """Every token of a byte-level vocabulary, by id. Added tokens are whole texts: control tokens,
    or plain ones such as runs of spaces. Raises `UnsupportedTokenizerError`."""
    added = backend.get_added_tokens_decoder()
    byte_of = {character: byte for byte, character in byte_alphabet().items()}

    def token(token_id: int, name: str) -> Token:
        if token_id not in added:
            return Token.from_bytes(token_id, bytes(byte_of[character] for character in name))
        return Token.from_bytes(
            token_id,
            added[token_id].content.encode(),
            is_special=added[token_id].special,
            end_of_text_names=end_of_text_names,
        )

    try:
        return tuple(token(token_id, name) for token_id, name in enumerate(names_by_id(backend)))
    except KeyError as error:
        raise UnsupportedTokenizerError(
            f"its tokens are not bytes: one has the character {error}"
        ) from None


def names_by_id(backend: tokenizers.Tokenizer) -> list[str]:
    """Raises `UnsupportedTokenizerError` if ids are missing between others: a draw of one would
    have no text."""
    names = {i: name for name, i in backend.get_vocab(with_added_tokens=True).items()}
    num_tokens = backend.get_vocab_size(with_added_tokens=True)
    if gaps := set(range(num_tokens)) - names.keys():
        raise UnsupportedTokenizerError(f"its tokenizer has gaps in its ids: {min(gaps)} is none")
    return [names[token_id] for token_id in range(num_tokens)]


def ids_by_text(tokens: Iterable[Token]) -> dict[str, Sequence[int]]:
    """The ids of the tokens with each text, ascending. Hundreds of tokens share the text U+FFFD:
    each is another part of a character."""
    table: defaultdict[str, list[int]] = defaultdict(list)
    for token in tokens:
        table[token.token_text].append(token.token_id)
    return dict(table)


def byte_alphabet() -> dict[int, str]:
    """The character that stands for each byte in the files of byte-level tokenizers.

    Bytes with a printable Latin-1 character stand for themselves; the others take the characters
    from U+0100 on, in order. Source: Radford et al., "Language Models are Unsupervised Multitask
    Learners", 2019, and the encoder released with it.
    """
    printable = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("ÿ") + 1)} - {0xAD}
    hidden = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {
        byte: chr(256 + position) for position, byte in enumerate(hidden)
    }
