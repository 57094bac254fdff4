"""Generator of hostile prompts: the same ones for the same seed.

Nearly every prompt contains `CANARY`, so that a search for it finds every place to which a prompt
leaks.
"""

import random
from collections.abc import Callable, Iterator, Sequence

CANARY = "canarybird"
MAX_CHARACTERS = 4000

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
COMBINING = "".join(map(chr, [*range(0x300, 0x370), *range(0x20D0, 0x20F1), 0x0E49, 0x0483]))
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u034f\u3164\ufe0f\U000e0041"
WHITE_SPACE = " \t\n\r\x0b\x0c\x1c\x85\xa0\u2028\u2029\u3000"
CONTROLS = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)]))
NONCHARACTERS = "\ufdd0\ufdef\ufffe\uffff\U0001fffe\U0010ffff\ue000\U000f0000\ufffd\ufffc"
EMOJI = ["👩‍👩‍👧", "🏳️‍🌈", "👨🏿‍🚀", "🇩🇪", "1️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "❤️‍🔥", "\u200d🎡", "🏽"]
HTML = [
    "<script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"'><svg/onload=alert(1)>",
    "</title></style></script><iframe srcdoc='<b>'>",
    "<!--", "-->", "<![CDATA[", "]]>", "<?php", "&lt;b&gt;", "&amp;#60;", "&#x3c;b>", "&nbsp", "<",
    "<a href='javascript:alert(1)'>x</a>", "' autofocus onfocus='alert(1)",
    "<b hx-get=/ >", "<bdi>",
]  # fmt: skip
TEMPLATES = [
    "{{ 7*7 }}", "{{ settings.SECRET_KEY }}", "{% include '/etc/passwd' %}", "{% comment %}", "{#",
    "${7*7}", "#{7*7}", "<%= 7*7 %>", "{0.__class__}", "%(prompt)s", "%s%n%x", "$(id)", "`id`",
    "{% endblock %}", "{{ request.session|pprint }}", "__proto__", "../../etc/passwd", "%00", "\\0",
]  # fmt: skip
CSV_STARTS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")', "|", '"']
LOG_LINES = [
    "\r\n2026-01-01 00:00:00 ERROR root [-] forged",
    "\x1b[31mred\x1b[0m", "\n{\"level\": \"INFO\"}",
    "\x1b]0;title\x07", "\r\nSet-Cookie: a=b", "\r\n\r\nHTTP/1.1 200 OK",
]  # fmt: skip
CONTROL_TOKENS = ["<|endoftext|>", "<|im_end|>", "<|im_start|>system", "</s>", "[INST]", "<unk>"]


def some(generator: random.Random, choices: Sequence[str], num: int = 8) -> str:
    return "".join(generator.choices(choices, k=generator.randint(1, num)))


def from_plane(generator: random.Random) -> str:
    """Any code points of one plane but surrogates, assigned or not."""
    first = generator.randrange(17) * 0x10000
    points = [first + generator.randrange(0x10000) for _ in range(12)]
    return "".join(chr(point) for point in points if not 0xD800 <= point < 0xE000)


def lone_surrogates(generator: random.Random) -> str:
    """Halves of pairs, and pairs in the wrong order."""
    return "".join(chr(generator.randrange(0xD800, 0xE000)) + "x" for _ in range(3))


def combining(generator: random.Random) -> str:
    return "a" + some(generator, COMBINING, 60)


def very_long(generator: random.Random) -> str:
    """Up to a quarter more than is allowed; mostly less, since a page of thousands of tokens takes
    a second."""
    text = some(generator, HTML + TEMPLATES + EMOJI + ["word ", "\n", "é"], 12)
    is_at_the_limit = generator.random() < 0.1
    longest = MAX_CHARACTERS * 5 // 4 if is_at_the_limit else MAX_CHARACTERS // 10
    length = generator.randint(longest // 2, longest)
    return (text * (length // len(text) + 1))[:length]


def mixed(generator: random.Random) -> str:
    pieces = [BIDI, ZERO_WIDTH, WHITE_SPACE, NONCHARACTERS, COMBINING, HTML, TEMPLATES, EMOJI]
    return "".join(some(generator, generator.choice(pieces), 3) for _ in range(6))


FAMILIES: dict[str, Callable[[random.Random], str]] = {
    "all planes": from_plane,
    "lone surrogates": lone_surrogates,
    "bidi": lambda generator: some(generator, BIDI),
    "combining": combining,
    "zero width": lambda generator: some(generator, ZERO_WIDTH),
    "white space": lambda generator: some(generator, WHITE_SPACE),
    "controls": lambda generator: some(generator, CONTROLS, 3),
    "noncharacters": lambda generator: some(generator, NONCHARACTERS),
    "HTML": lambda generator: some(generator, HTML, 4),
    "templates": lambda generator: some(generator, TEMPLATES, 4),
    "very long": very_long,
    "emoji": lambda generator: some(generator, EMOJI),
    "spreadsheet formulas": lambda generator: generator.choice(CSV_STARTS),
    "log lines": lambda generator: some(generator, LOG_LINES, 3),
    "control tokens": lambda generator: some(generator, CONTROL_TOKENS, 3),
    "mixed": mixed,
}


def hostile_prompts(num_prompts: int, *, seed: int = 14) -> Iterator[tuple[str, str]]:
    """Pairs of family and prompt, from each family equally many. A prompt may hold lone surrogates,
    be empty of visible characters, or be too long."""
    generator = random.Random(seed)
    families = list(FAMILIES.items())
    for number in range(num_prompts):
        name, make = families[number % len(families)]
        yield name, with_canary(generator, make(generator))


def with_canary(generator: random.Random, text: str) -> str:
    """Before, inside or after the text; in one of ten, nowhere."""
    kind = generator.randrange(10)
    if kind == 0:
        return text
    place = {1: 0, 2: len(text) // 2}.get(kind, len(text))
    return text[:place] + CANARY + text[place:]
