"""The engine as a service on other machines: the protocol, and the web tier's side of it."""

MIN_TOKEN_LEN = 32  # of the token that the service requires
