"""Names of tensors in files that are no parameters of a `Decoder`."""

import re

# Masks and frequencies that older versions of transformers have written: `Decoder` makes its own.
CONSTANT = re.compile(
    r".*\b(attn|attention)\.(bias|masked_bias)|.*\brotary_emb\.(inv_freq|cos_cached|sin_cached)"
)
HEADS = {"lm_head.weight", "embed_out.weight"}  # the embedding once more, if the config ties them
