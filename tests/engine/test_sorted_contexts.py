"""Searches among sorted contexts, against a comparison with every context."""

from hypothesis import given
from hypothesis import strategies as st

from wheel.engine.request import ContextKey
from wheel.engine.sorted_contexts import SortedContexts

# Few models and tokens, so that many contexts share prefixes.
CONTEXTS = st.tuples(
    st.sampled_from("ab"), st.lists(st.integers(0, 2), min_size=1, max_size=6).map(tuple)
)


def sorted_contexts(keys: set[ContextKey]) -> SortedContexts:
    contexts = SortedContexts()
    for key in keys:
        contexts.add(key)
    return contexts


def begins_with(key: ContextKey, prefix: ContextKey) -> bool:
    return key[0] == prefix[0] and key[1][: len(prefix[1])] == prefix[1]


def shared(first: ContextKey, second: ContextKey) -> int:
    prefixes = [(first[0], first[1][:num]) for num in range(1, len(first[1]) + 1)]
    return sum(begins_with(second, prefix) for prefix in prefixes)


@given(st.sets(CONTEXTS), CONTEXTS)
def test_the_nearest_context_shares_the_longest_prefix(
    keys: set[ContextKey], key: ContextKey
) -> None:
    nearest, num_shared = sorted_contexts(keys).nearest(key)

    assert num_shared == max((shared(other, key) for other in keys), default=0)
    if num_shared:
        assert nearest in keys
        assert shared(nearest, key) == num_shared
    else:
        assert nearest is None


@given(st.sets(CONTEXTS), CONTEXTS)
def test_prefixes_and_extensions_are_found(keys: set[ContextKey], key: ContextKey) -> None:
    contexts = sorted_contexts(keys)
    prefixes = {other for other in keys if begins_with(key, other)} - {key}

    assert list(contexts.prefixes(key)) == sorted(prefixes, key=lambda k: -len(k[1]))
    assert list(contexts.extensions(key)) == sorted(k for k in keys if begins_with(k, key))


@given(st.sets(CONTEXTS, min_size=1), st.data())
def test_a_removed_context_is_not_found(keys: set[ContextKey], data: st.DataObject) -> None:
    contexts = sorted_contexts(keys)
    removed = data.draw(st.sampled_from(sorted(keys)))

    contexts.remove(removed)

    assert set(contexts) == keys - {removed}
    assert removed not in contexts.extensions(removed)
