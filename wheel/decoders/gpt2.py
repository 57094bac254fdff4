"""Files of the family GPT-2: learned positions, and linear layers that are stored as (in, out)."""

from wheel.decoders import stored
from wheel.decoders.config import Config, activation_of, divided, require, size
from wheel.decoders.decoder import Array, Decoder, DecoderShape, Layer, Linear, NormKind
from wheel.decoders.stored import MissingTensorError, Tensors


def shape_of(config: Config) -> DecoderShape:
    require(
        config,
        scale_attn_weights=True,
        scale_attn_by_inverse_layer_idx=False,
    )
    return DecoderShape(
        family="gpt2",
        num_layers=size(config, "n_layer"),
        hidden_size=size(config, "n_embd"),
        num_heads=size(config, "n_head"),
        num_kv_heads=size(config, "n_head"),
        head_dim=divided(config, "n_embd", "n_head"),
        vocabulary_size=size(config, "vocab_size"),
        context_length=size(config, "n_positions"),
        activation=activation_of(config.get("activation_function", "gelu_new")),
        norm_kind=NormKind.LAYER,
        norm_epsilon=config.get("layer_norm_epsilon", 1e-5),
    )


def read(shape: DecoderShape, config: Config, tensors: Tensors) -> Decoder:
    of_body = with_either_name(tensors)
    embedding = of_body("wte.weight")
    return Decoder(
        shape=shape,
        token_embedding=embedding,
        position_embedding=of_body("wpe.weight"),
        layers=tuple(read_layer(of_body, f"h.{idx}") for idx in range(shape.num_layers)),
        final_norm=stored.layer_norm(of_body, "ln_f"),
        head=stored.head(config, embedding, tensors, "lm_head", is_tied_by_default=True),
    )


def read_layer(tensors: Tensors, name: str) -> Layer:
    return Layer(
        attention_norm=stored.layer_norm(tensors, f"{name}.ln_1"),
        qkv=transposed(tensors, f"{name}.attn.c_attn"),
        output=transposed(tensors, f"{name}.attn.c_proj"),
        mlp_norm=stored.layer_norm(tensors, f"{name}.ln_2"),
        up=transposed(tensors, f"{name}.mlp.c_fc"),
        down=transposed(tensors, f"{name}.mlp.c_proj"),
    )


def transposed(tensors: Tensors, name: str) -> Linear:
    return Linear(tensors(f"{name}.weight").T, tensors(f"{name}.bias"))


def with_either_name(tensors: Tensors) -> Tensors:
    """Files of GPT-2 have the names with or without `transformer.`."""

    def tensor(name: str) -> Array:
        try:
            return tensors(f"transformer.{name}")
        except MissingTensorError:
            return tensors(name)

    return tensor
