"""Example prompts: a certain answer, an open end, a pattern, a preference, a story."""

EXAMPLE_PROMPTS = (
    "The capital of France is",
    "The cat sat on the",
    "One, two, three, four,",
    "My favourite colour is",
    "Once upon a time there was a",
)
