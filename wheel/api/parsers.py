"""The JSON parser of request bodies."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class StrictJSONParser(JSONParser):
    """REST framework's parser, held to RFC 8259.

    The parent decodes a body with any codec that the charset parameter names, drops an incomplete
    character at the end of a body, and lets too deep nesting pass as a RecursionError, a 500.
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The parsed body. Raises ParseError for every body that is not JSON in UTF-8."""
        try:
            text = stream.read().decode("utf-8")
            return json.loads(text, parse_constant=refuse_constant)
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None
        except ValueError as error:
            raise ParseError(f"The body is not valid JSON: {error}.") from None


def refuse_constant(name: str) -> NoReturn:
    """Reject NaN, Infinity and -Infinity, which Python's json reads by default."""
    raise ValueError(f"{name} is not a JSON number")
