"""The engine in another process, on this machine or others: the protocol, and its two sides."""

MIN_TOKEN_LEN = 32  # of the token that the service requires
MAX_SIDE_CONNECTIONS = 8  # of a client, for hints, statistics and reports
