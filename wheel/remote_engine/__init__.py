"""The engine as a service on other machines: the protocol, and the web tier's side of it."""
