"""Sessions with a made-up history, for tests of the exports."""

from dataclasses import replace

from wheel import services


def story_of_everything(session_id):
    """A session in which every token of the vocabulary was chosen once."""
    chosen = services.spin(session_id=session_id).chosen
    state = services.get_session(session_id=session_id)
    history = tuple(
        replace(chosen, token_id=token_id) for token_id in range(state.tokenizer.vocabulary_size)
    )
    return replace(
        state, stored=replace(state.stored, session=replace(state.session, history=history))
    )
