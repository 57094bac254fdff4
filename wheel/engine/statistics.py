"""What an engine has done so far, in plain numbers, for whoever watches it."""

from bisect import bisect_left
from dataclasses import dataclass, field

BATCH_SIZES = (1, 2, 4, 8, 16, 32)  # upper bounds; a last bucket holds what is larger


@dataclass(slots=True)
class EngineStatistics:
    """All but the first three only ever grow.

    num_waiting           requests that have not been taken up
    logits_cache_bytes, prefix_cache_bytes   what the caches hold now
    num_logits_hits, num_logits_misses       requests answered from the logits cache, and others
    num_prefix_hits, num_prefix_misses       contexts that began with known tokens, and others
    num_tokens_computed, num_tokens_reused   tokens that went through a model, and those that
                                             needed not, because of the prefix cache
    batch_counts          forward passes by the number of sequences in them, see `BATCH_SIZES`
    num_sequences         sequences in all of them together
    """

    num_waiting: int = 0
    logits_cache_bytes: int = 0
    prefix_cache_bytes: int = 0
    num_logits_hits: int = 0
    num_logits_misses: int = 0
    num_prefix_hits: int = 0
    num_prefix_misses: int = 0
    num_tokens_computed: int = 0
    num_tokens_reused: int = 0
    num_sequences: int = 0
    batch_counts: list[int] = field(default_factory=lambda: [0] * (len(BATCH_SIZES) + 1))

    def count_pass(self, num_sequences: int, num_tokens: int) -> None:
        self.batch_counts[bisect_left(BATCH_SIZES, num_sequences)] += 1
        self.num_sequences += num_sequences
        self.num_tokens_computed += num_tokens

    def count_lookup(self, *, is_hit: bool) -> None:
        if is_hit:
            self.num_logits_hits += 1
        else:
            self.num_logits_misses += 1

    def count_prefix(self, num_tokens: int) -> None:
        if num_tokens:
            self.num_prefix_hits += 1
        else:
            self.num_prefix_misses += 1
        self.num_tokens_reused += num_tokens
