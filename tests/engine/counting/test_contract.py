"""The contract of every engine, on the counting engine: all tests but those of queues, deadlines,
cancelled requests and threads, of which it has none."""

from tests.engine.test_engine_contract import (  # noqa: F401
    assert_answer,
    engine,
    test_a_context_that_is_too_long_fails_alone,
    test_a_forward_pass_that_fails_fails_its_own_request_only,
    test_a_new_engine_has_done_nothing,
    test_a_prefetch_changes_no_answer,
    test_a_repeated_question_gets_the_same_answer,
    test_a_text_that_grows_shrinks_and_branches_is_answered_exactly,
    test_an_answer_cannot_be_written_to,
    test_an_answer_is_a_float32_row_of_the_size_of_the_vocabulary,
    test_an_engine_loads_the_weights_of_the_model_that_it_is_asked_for,
    test_an_unavailable_model_fails_its_own_request_only,
    test_each_of_fifty_requests_gets_its_own_answer,
    test_probabilities_equal_those_of_plain_transformers,
    test_statistics_are_a_copy,
    test_statistics_only_grow_and_agree_with_the_requests,
)
from tests.engine.test_engine_contract_scores import (  # noqa: F401
    assert_scores,
    test_a_forward_pass_that_fails_fails_its_own_text_only,
    test_a_text_that_is_too_long_fails_alone,
    test_an_unavailable_model_fails_its_own_text_only,
    test_scores_equal_those_of_one_plain_forward_pass,
    test_scores_of_several_texts_and_logits_between_them_are_their_own,
)
