"""LRU cache of decoded documents: a session that this process has just read or written is not
decoded again."""

import threading
from collections import OrderedDict

from wheel.domain.wheel_session import WheelSession
from wheel.sessions.document import session_from_json

MAX_SESSIONS = 512  # two classes of 200, whose walls read all of them


class DecodedDocuments:
    """The newest document of each of the most recently used sessions, with the session. Decoding
    takes 3 ms for a text of 900 tokens; sessions are immutable, so all threads may share one."""

    def __init__(self, max_sessions: int = MAX_SESSIONS) -> None:
        self._max_sessions = max_sessions
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, tuple[str, WheelSession]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def decode(self, key: str, document: str) -> WheelSession:
        """The session of a document that the store holds under this key. Raises
        `OtherSchemaError`."""
        with self._lock:
            known_document, session = self._entries.get(key, (None, None))
        if session is None or known_document != document:
            session = session_from_json(document)
        self.remember(key, document, session)
        return session

    def remember(self, key: str, document: str, session: WheelSession) -> None:
        with self._lock:
            self._entries[key] = document, session
            self._entries.move_to_end(key)
            if len(self._entries) > self._max_sessions:
                self._entries.popitem(last=False)

    def forget(self, key: str) -> None:
        with self._lock:
            self._entries.pop(key, None)
