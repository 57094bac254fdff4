"""Branches of a story: the ways that it took after its prompt. One can be gone back to."""

from dataclasses import dataclass

from wheel.domain.story_branches import StoryBranch, num_shared_tokens
from wheel.domain.wheel_session import WheelSession
from wheel.services.changes import change
from wheel.services.sessions import get_session
from wheel.services.states import BranchRestored, HistoryItem, SessionState


@dataclass(frozen=True)
class BranchView:
    """A branch beside the text of the session.

    num_shared  the number of chosen tokens of the text that the branch begins with, too
    is_current  whether the text is on it: then the tokens after those can be redone
    """

    state: SessionState
    branch: StoryBranch
    num_shared: int
    is_current: bool

    @classmethod
    def of(cls, state: SessionState, branch: StoryBranch) -> "BranchView":
        session = state.session
        num_shared = num_shared_tokens(session.history, branch.steps)
        is_current = branch.number == session.branches.current_number
        return cls(state, branch, num_shared, is_current)

    @property
    def number(self) -> int:
        return self.branch.number

    @property
    def items(self) -> list[HistoryItem]:
        """Its chosen tokens from the prompt on."""
        return [HistoryItem(self.state.token(step.token_id), step) for step in self.branch.steps]

    @property
    def text(self) -> str:
        """The prompt and all its tokens."""
        chosen = (step.token_id for step in self.branch.steps)
        return self.state.tokenizer.decode((*self.state.session.prompt_token_ids, *chosen))


@dataclass(frozen=True)
class BranchList:
    """The branches of a session by number. Without a prompt there is none."""

    state: SessionState
    branches: tuple[BranchView, ...]

    @classmethod
    def of(cls, state: SessionState) -> "BranchList":
        branches = state.session.all_branches if state.session.has_prompt else ()
        return cls(state, tuple(BranchView.of(state, branch) for branch in branches))


def list_branches(*, session_id: str) -> BranchList:
    return BranchList.of(get_session(session_id=session_id))


def restore_branch(*, session_id: str, number: int, rev: int | None = None) -> BranchRestored:
    """Go back to the end of the branch with this number. The way that is left becomes a branch.
    Raises `BranchNotFoundError`."""

    def with_branch_restored(state: SessionState) -> tuple[WheelSession, None]:
        return state.session.with_branch_restored(number), None

    done = change(get_session(session_id=session_id).stored, rev, with_branch_restored)
    return BranchRestored(done.before, done.after, number)
