"""Where wheel sessions live. Nothing else touches Django's cache."""

from wheel.store.session_store import SessionStore, session_key, utc_now

__all__ = ["SessionStore", "session_key", "utc_now"]
