"""Pseudonyms of a class's members: an adjective and an animal.

The words are short, easy to read aloud, and say nothing about a person.
"""

import secrets
from collections.abc import Collection

ADJECTIVES = (
    "amber", "azure", "bold", "brave", "bright", "brisk", "bronze", "calm", "clever", "cobalt",
    "copper", "coral", "crimson", "curious", "daring", "eager", "emerald", "fair", "fleet",
    "gentle", "golden", "happy", "hazel", "honest", "indigo", "ivory", "jade", "jolly", "keen",
    "kind", "lilac", "lively", "lucky", "mellow", "merry", "mighty", "misty", "nimble", "noble",
    "ochre", "olive", "opal", "patient", "plucky", "polite", "proud", "purple", "quick", "quiet",
    "rosy", "royal", "ruby", "scarlet", "silver", "steady", "sunny", "swift", "teal", "tidy",
    "velvet", "violet", "warm", "witty", "zesty",
)  # fmt: skip
ANIMALS = (
    "badger", "beaver", "bison", "bobcat", "camel", "cheetah", "cicada", "condor", "coyote",
    "crane", "cricket", "curlew", "dolphin", "eagle", "egret", "falcon", "ferret", "finch", "fox",
    "gecko", "gibbon", "hamster", "hare", "heron", "ibex", "ibis", "jackdaw", "jaguar", "kestrel",
    "koala", "lark", "lemur", "leopard", "lizard", "llama", "lynx", "magpie", "marmot", "marten",
    "meerkat", "mole", "moose", "newt", "ocelot", "osprey", "otter", "owl", "panda", "panther",
    "parrot", "pelican", "puffin", "quail", "rabbit", "raven", "robin", "salmon", "seal",
    "sparrow", "squirrel", "stork", "swallow", "turtle", "walrus",
)  # fmt: skip
NUM_PSEUDONYMS = len(ADJECTIVES) * len(ANIMALS)
MAX_TRIES = 50


def new_pseudonym(taken: Collection[str]) -> str:
    """One that is not taken, drawn at random. When most of them are taken, a number follows."""
    for _ in range(MAX_TRIES):
        pseudonym = random_pseudonym()
        if pseudonym not in taken:
            return pseudonym
    number = 2
    while (numbered := f"{pseudonym} {number}") in taken:
        number += 1
    return numbered


def random_pseudonym() -> str:
    return f"{secrets.choice(ADJECTIVES)} {secrets.choice(ANIMALS)}"
