"""Glossary of the pages' terms, written for readers of fourteen, and its template tags.

The tag `help` puts an explanation behind a small question mark.
"""

from dataclasses import dataclass

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()


@dataclass(frozen=True, slots=True)
class Term:
    word: str | Promise
    meaning: str | Promise


GLOSSARY = {
    "token": Term(
        _("token"),
        _(
            "A piece of text: a word with the space before it, part of a word, or a single sign. "
            "The model reads and writes nothing but tokens."
        ),
    ),
    "token_id": Term(
        _("token id"),
        _("The token's number in the model's list. The model only ever sees these numbers."),
    ),
    "token_bytes": Term(
        _("bytes"),
        _(
            "What a computer stores for this piece of text: numbers from 0 to 255, written as two "
            "signs each. A rare character or an emoji takes several, sometimes several tokens."
        ),
    ),
    "probability": Term(
        _("probability"),
        _(
            "How likely the token is to come next. It is exactly its share of the circle: "
            "a quarter of it is 25%."
        ),
    ),
    "log_probability": Term(
        _("log-probability"),
        _(
            "The natural logarithm of the probability, which programs calculate with. "
            "0 means certain; the further below 0, the less likely."
        ),
    ),
    "surprisal": Term(
        _("surprise"),
        _(
            "How surprising a token is, in bits. A coin toss has 1 bit, and every further bit is "
            "half as likely: 6.6 bits are about 1%."
        ),
    ),
    "rank": Term(
        _("rank"),
        _("The token's place when all of them are sorted by probability. The favourite is rank 1."),
    ),
    "entropy": Term(
        _("uncertainty (entropy)"),
        _(
            "How open the next token is: the surprise that a spin of this wheel has on average. "
            "0 bits is a sure thing; 10 bits is like choosing one of a thousand equal segments."
        ),
    ),
    "u": Term(
        _("random number u"),
        _(
            "The number between 0 and 1 that decided this spin. The same number on the same wheel "
            "always gives the same token, so anybody can check it."
        ),
    ),
    "angle": Term(
        _("angle"),
        _("Where the pointer stood on the wheel: the random number times the 360° of a circle."),
    ),
    "settings": Term(
        _("knobs"),
        _("How the knobs stood when the wheel was spun: they shape the wheel, so they count too."),
    ),
    "other": Term(
        _("Other"),
        _(
            "All the tokens that are too unlikely for a segment of their own. Each of them is "
            "nearly impossible, but together they often have a large share."
        ),
    ),
    "ring": Term(
        _("the thin outer ring"),
        _(
            "What the model itself believes. The knobs reshape the wheel inside it, but never the "
            "ring; what they cut off can still be seen there."
        ),
    ),
}


@register.inclusion_tag("pages/_help.html")
def help(name: str) -> dict[str, Term]:  # noqa: A001 - what it is called in the templates
    return {"term": GLOSSARY[name]}


@register.simple_tag
def glossary() -> list[Term]:
    return list(GLOSSARY.values())
