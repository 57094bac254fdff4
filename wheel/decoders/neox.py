"""Files of the family GPT-NeoX (Pythia): attention and MLP side by side, positions rotated in part,
and the rows of query, key and value stored head by head."""

from wheel.decoders import stored
from wheel.decoders.config import Config, activation_of, divided, rotary_of, size
from wheel.decoders.decoder import Array, Decoder, DecoderShape, Layer, Linear, NormKind
from wheel.decoders.stored import Tensors


def shape_of(config: Config) -> DecoderShape:
    num_heads = size(config, "num_attention_heads")
    head_dim = divided(config, "hidden_size", "num_attention_heads")
    return DecoderShape(
        family="gpt_neox",
        num_layers=size(config, "num_hidden_layers"),
        hidden_size=size(config, "hidden_size"),
        num_heads=num_heads,
        num_kv_heads=num_heads,
        head_dim=head_dim,
        vocabulary_size=size(config, "vocab_size"),
        context_length=size(config, "max_position_embeddings"),
        activation=activation_of(config.get("hidden_act", "gelu")),
        norm_kind=NormKind.LAYER,
        norm_epsilon=config.get("layer_norm_eps", 1e-5),
        rotary=rotary_of(config, head_dim, "rotary_emb_base", config.get("rotary_pct", 0.25)),
        is_parallel=config.get("use_parallel_residual", True),
    )


def read(shape: DecoderShape, config: Config, tensors: Tensors) -> Decoder:
    embedding = tensors("gpt_neox.embed_in.weight")
    has_bias = config.get("attention_bias", True)
    layers = (
        read_layer(shape, tensors, f"gpt_neox.layers.{idx}", has_bias=has_bias)
        for idx in range(shape.num_layers)
    )
    return Decoder(
        shape=shape,
        token_embedding=embedding,
        position_embedding=None,
        layers=tuple(layers),
        final_norm=stored.layer_norm(tensors, "gpt_neox.final_layer_norm"),
        head=stored.head(config, embedding, tensors, "embed_out", is_tied_by_default=False),
    )


def read_layer(shape: DecoderShape, tensors: Tensors, name: str, *, has_bias: bool) -> Layer:
    """`has_bias`: whether the linear layers of the attention have one."""
    qkv = stored.linear(tensors, f"{name}.attention.query_key_value", has_bias=has_bias)
    bias = None if qkv.bias is None else by_kind(shape, qkv.bias)
    return Layer(
        attention_norm=stored.layer_norm(tensors, f"{name}.input_layernorm"),
        qkv=Linear(by_kind(shape, qkv.weight), bias),
        output=stored.linear(tensors, f"{name}.attention.dense", has_bias=has_bias),
        mlp_norm=stored.layer_norm(tensors, f"{name}.post_attention_layernorm"),
        up=stored.linear(tensors, f"{name}.mlp.dense_h_to_4h"),
        down=stored.linear(tensors, f"{name}.mlp.dense_4h_to_h"),
    )


def by_kind(shape: DecoderShape, rows: Array) -> Array:
    """Rows in the order (head, q | k | v, head_dim), reordered to (q | k | v, head, head_dim)."""
    by_head = rows.reshape(shape.num_heads, 3, shape.head_dim, *rows.shape[1:])
    return by_head.swapaxes(0, 1).reshape(rows.shape)
