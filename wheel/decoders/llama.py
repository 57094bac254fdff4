"""Files of the families Llama and Qwen2: rotary positions, and an MLP with a gate.

Qwen2 differs in that query, key and value have a bias.
"""

from wheel.decoders import stored
from wheel.decoders.config import (
    Config,
    activation_of,
    divided,
    require,
    require_no_window,
    rotary_of,
    size,
)
from wheel.decoders.decoder import Decoder, DecoderShape, Layer, NormKind
from wheel.decoders.stored import Tensors


def llama_shape(config: Config) -> DecoderShape:
    require(config, pretraining_tp=1, partial_rotary_factor=1.0, rope_interleaved=False)
    require_no_window(config, size(config, "max_position_embeddings"), is_used=True)
    return shape_of(config, "llama")


def qwen2_shape(config: Config) -> DecoderShape:
    is_used = bool(config.get("use_sliding_window"))
    if is_used and config.get("sliding_window") is None:
        require(config, use_sliding_window=False)
    require_no_window(config, size(config, "max_position_embeddings"), is_used=is_used)
    return shape_of(config, "qwen2")


def shape_of(config: Config, family: str) -> DecoderShape:
    num_heads = size(config, "num_attention_heads")
    head_dim = config.get("head_dim") or divided(config, "hidden_size", "num_attention_heads")
    return DecoderShape(
        family=family,
        num_layers=size(config, "num_hidden_layers"),
        hidden_size=size(config, "hidden_size"),
        num_heads=num_heads,
        num_kv_heads=config.get("num_key_value_heads") or num_heads,
        head_dim=head_dim,
        vocabulary_size=size(config, "vocab_size"),
        context_length=size(config, "max_position_embeddings"),
        activation=activation_of(config.get("hidden_act", "silu")),
        norm_kind=NormKind.RMS,
        norm_epsilon=config.get("rms_norm_eps", 1e-6),
        rotary=rotary_of(config, head_dim, "rope_theta"),
        is_gated=True,
    )


def read(shape: DecoderShape, config: Config, tensors: Tensors) -> Decoder:
    embedding = tensors("model.embed_tokens.weight")
    layers = (
        read_layer(shape, config, tensors, f"model.layers.{idx}") for idx in range(shape.num_layers)
    )
    return Decoder(
        shape=shape,
        token_embedding=embedding,
        position_embedding=None,
        layers=tuple(layers),
        final_norm=stored.rms_norm(tensors, "model.norm"),
        head=stored.head(config, embedding, tensors, "lm_head", is_tied_by_default=False),
    )


def read_layer(shape: DecoderShape, config: Config, tensors: Tensors, name: str) -> Layer:
    is_qwen2 = shape.family == "qwen2"
    has_bias = config.get("attention_bias", False)
    has_mlp_bias = config.get("mlp_bias", False)
    heads = [f"{name}.self_attn.{part}_proj" for part in ("q", "k", "v")]
    gate_and_value = [f"{name}.mlp.{part}_proj" for part in ("gate", "up")]
    output = f"{name}.self_attn.o_proj"
    return Layer(
        attention_norm=stored.rms_norm(tensors, f"{name}.input_layernorm"),
        qkv=stored.joined(tensors, *heads, has_bias=is_qwen2 or has_bias),
        output=stored.linear(tensors, output, has_bias=has_bias and not is_qwen2),
        mlp_norm=stored.rms_norm(tensors, f"{name}.post_attention_layernorm"),
        up=stored.joined(tensors, *gate_and_value, has_bias=has_mlp_bias),
        down=stored.linear(tensors, f"{name}.mlp.down_proj", has_bias=has_mlp_bias),
    )
