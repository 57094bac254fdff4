"""Token Wheel's Django app: a language model's next token, drawn on a wheel."""
