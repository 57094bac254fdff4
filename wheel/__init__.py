"""Token Wheel's one Django app: a language model's next token, drawn on a wheel."""
