"""The branches that a story has left, as rows of the panel on the wheel page."""

from dataclasses import dataclass

from wheel.pages.branches.words import branch_name, ending_of, snippet_of, tokens_words
from wheel.services import BranchList, BranchView, SessionState


@dataclass(frozen=True)
class BranchRow:
    """A branch: the end of what it shares with the text, and the beginning of what it does not."""

    view: BranchView

    @property
    def number(self) -> int:
        return self.view.number

    @property
    def name(self) -> str:
        return branch_name(self.number)

    @property
    def shared(self) -> str:
        state, num_shared = self.view.state, self.view.num_shared
        chosen = [step.token_id for step in self.view.branch.steps[:num_shared]]
        token_ids = [*state.session.prompt_token_ids, *chosen]
        return ending_of([state.token(token_id) for token_id in token_ids])

    @property
    def own(self) -> str:
        return snippet_of([item.token for item in self.view.items[self.view.num_shared :]])

    @property
    def ending(self) -> str:
        """The end of the branch's text."""
        tokens = [item.token for item in self.view.items]
        return ending_of(tokens) or self.shared

    @property
    def length(self) -> str:
        return tokens_words(len(self.view.branch.steps))


def branch_rows(state: SessionState) -> list[BranchRow]:
    """The branches that the text is not on; none in most sessions."""
    if not state.session.branches.left:
        return []
    views = BranchList.of(state).branches
    return [BranchRow(view) for view in views if not view.is_current]
