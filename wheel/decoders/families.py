"""The families whose files are read: GPT-2, Llama, Qwen2 and GPT-NeoX.

A family reads the model's `config.json` and names its tensors. A config with a feature that would
change the computation, and that `Decoder` does not have, is refused with a sentence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wheel.decoders.decoder import (
    Activation,
    Decoder,
    DecoderShape,
    Layer,
    Linear,
    Norm,
    NormKind,
    Rotary,
)

if TYPE_CHECKING:
    from torch import Tensor

Config = Mapping[str, Any]
Tensors = Callable[[str], "Tensor"]  # by name; raises `MissingTensorError`

ACTIVATIONS = {
    "gelu": Activation.GELU,
    "gelu_new": Activation.GELU_TANH,
    "gelu_pytorch_tanh": Activation.GELU_TANH,
    "gelu_fast": Activation.GELU_TANH,
    "silu": Activation.SILU,
    "swish": Activation.SILU,
}


class UnsupportedModelError(Exception):
    """The model needs a computation that `Decoder` does not have. The message says which."""


class MissingTensorError(Exception):
    """The files lack a tensor of the model. The message is its name."""


@dataclass(frozen=True, slots=True)
class Family:
    """shape    the sizes in a config; raises `UnsupportedModelError`
    weights  the tensors of a model of that shape
    """

    shape: Callable[[Config], DecoderShape]
    weights: Callable[[DecoderShape, Config, Tensors], Decoder]


def family_of(config: Config) -> Family:
    """Raises `UnsupportedModelError`."""
    model_type = config.get("model_type")
    if model_type not in FAMILIES:
        raise UnsupportedModelError(f"models of the type {model_type!r} are not supported")
    return FAMILIES[model_type]


def activation_of(name: str) -> Activation:
    if name not in ACTIVATIONS:
        raise UnsupportedModelError(f"the activation {name!r} is not supported")
    return ACTIVATIONS[name]


def require(config: Config, **neutral: Any) -> None:
    """Raises `UnsupportedModelError` unless each of these settings is absent or has this value."""
    for name, value in neutral.items():
        if config.get(name, value) not in (value, None):
            raise UnsupportedModelError(f"{name} = {config[name]!r} is not supported")


def rotary_of(config: Config, head_dim: int, base_name: str, part: float = 1.0) -> Rotary:
    """The rotary positions, from either of the two forms that transformers writes."""
    parameters = {**(config.get("rope_scaling") or {}), **(config.get("rope_parameters") or {})}
    kind = parameters.get("rope_type", parameters.get("type", "default"))
    if kind != "default":
        raise UnsupportedModelError(f"rotary positions of the type {kind!r} are not supported")
    base: Any = parameters.get("rope_theta", config.get(base_name, 10_000.0))
    part = parameters.get("partial_rotary_factor", part)
    return Rotary(base, int(head_dim * part))


# --- GPT-2 ------------------------------------------------------------------------------------


def gpt2_shape(config: Config) -> DecoderShape:
    require(
        config,
        scale_attn_weights=True,
        scale_attn_by_inverse_layer_idx=False,
        add_cross_attention=False,
    )
    return DecoderShape(
        family="gpt2",
        num_layers=config["n_layer"],
        hidden_size=config["n_embd"],
        num_heads=config["n_head"],
        num_kv_heads=config["n_head"],
        head_dim=config["n_embd"] // config["n_head"],
        vocabulary_size=config["vocab_size"],
        context_length=config["n_positions"],
        activation=activation_of(config.get("activation_function", "gelu_new")),
        norm_kind=NormKind.LAYER,
        norm_epsilon=config.get("layer_norm_epsilon", 1e-5),
    )


def gpt2_weights(shape: DecoderShape, config: Config, tensors: Tensors) -> Decoder:
    """Files of GPT-2 have the names with or without `transformer.`. Its linear layers are stored
    as (in, out)."""

    def tensor(name: str) -> "Tensor":
        try:
            return tensors(f"transformer.{name}")
        except MissingTensorError:
            return tensors(name)

    def linear(name: str) -> Linear:
        return Linear(tensor(f"{name}.weight").t(), tensor(f"{name}.bias"))

    def norm(name: str) -> Norm:
        return Norm(tensor(f"{name}.weight"), tensor(f"{name}.bias"))

    def layer(name: str) -> Layer:
        return Layer(
            attention_norm=norm(f"{name}.ln_1"),
            qkv=linear(f"{name}.attn.c_attn"),
            output=linear(f"{name}.attn.c_proj"),
            mlp_norm=norm(f"{name}.ln_2"),
            up=linear(f"{name}.mlp.c_fc"),
            down=linear(f"{name}.mlp.c_proj"),
        )

    embedding = tensor("wte.weight")
    return Decoder(
        shape=shape,
        token_embedding=embedding,
        position_embedding=tensor("wpe.weight"),
        layers=tuple(layer(f"h.{idx}") for idx in range(shape.num_layers)),
        final_norm=norm("ln_f"),
        head=head_of(config, embedding, tensors, "lm_head", is_tied_by_default=True),
    )


def head_of(
    config: Config, embedding: "Tensor", tensors: Tensors, name: str, *, is_tied_by_default: bool
) -> Linear:
    if config.get("tie_word_embeddings", is_tied_by_default):
        return Linear(embedding)
    return Linear(tensors(f"{name}.weight"))


# --- Llama and Qwen2 --------------------------------------------------------------------------


def llama_shape(config: Config) -> DecoderShape:
    require(config, pretraining_tp=1)
    return rotary_shape(config, "llama")


def qwen2_shape(config: Config) -> DecoderShape:
    require(config, use_sliding_window=False)
    return rotary_shape(config, "qwen2")


def rotary_shape(config: Config, family: str) -> DecoderShape:
    num_heads = config["num_attention_heads"]
    head_dim = config.get("head_dim") or config["hidden_size"] // num_heads
    return DecoderShape(
        family=family,
        num_layers=config["num_hidden_layers"],
        hidden_size=config["hidden_size"],
        num_heads=num_heads,
        num_kv_heads=config.get("num_key_value_heads") or num_heads,
        head_dim=head_dim,
        vocabulary_size=config["vocab_size"],
        context_length=config["max_position_embeddings"],
        activation=activation_of(config.get("hidden_act", "silu")),
        norm_kind=NormKind.RMS,
        norm_epsilon=config.get("rms_norm_eps", 1e-6),
        rotary=rotary_of(config, head_dim, "rope_theta"),
        is_gated=True,
    )


def llama_weights(shape: DecoderShape, config: Config, tensors: Tensors) -> Decoder:
    """Qwen2 differs in that query, key and value have a bias."""
    has_qkv_bias = shape.family == "qwen2" or config.get("attention_bias", False)
    has_output_bias = shape.family == "llama" and config.get("attention_bias", False)
    has_mlp_bias = config.get("mlp_bias", False)

    def joined(layer: str, *names: str, has_bias: bool) -> Linear:
        """The rows of several linear layers, one after the other."""
        import torch  # noqa: PLC0415 - takes seconds to import

        def rows(part: str) -> "Tensor":
            found = [tensors(f"{layer}.{name}.{part}") for name in names]
            return torch.cat(found) if len(found) > 1 else found[0]

        return Linear(rows("weight"), rows("bias") if has_bias else None)

    def layer(name: str) -> Layer:
        heads = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj")
        return Layer(
            attention_norm=Norm(tensors(f"{name}.input_layernorm.weight")),
            qkv=joined(name, *heads, has_bias=has_qkv_bias),
            output=joined(name, "self_attn.o_proj", has_bias=has_output_bias),
            mlp_norm=Norm(tensors(f"{name}.post_attention_layernorm.weight")),
            up=joined(name, "mlp.gate_proj", "mlp.up_proj", has_bias=has_mlp_bias),
            down=joined(name, "mlp.down_proj", has_bias=has_mlp_bias),
        )

    embedding = tensors("model.embed_tokens.weight")
    return Decoder(
        shape=shape,
        token_embedding=embedding,
        position_embedding=None,
        layers=tuple(layer(f"model.layers.{idx}") for idx in range(shape.num_layers)),
        final_norm=Norm(tensors("model.norm.weight")),
        head=head_of(config, embedding, tensors, "lm_head", is_tied_by_default=False),
    )


# --- GPT-NeoX (Pythia) ------------------------------------------------------------------------


def neox_shape(config: Config) -> DecoderShape:
    num_heads = config["num_attention_heads"]
    head_dim = config["hidden_size"] // num_heads
    return DecoderShape(
        family="gpt_neox",
        num_layers=config["num_hidden_layers"],
        hidden_size=config["hidden_size"],
        num_heads=num_heads,
        num_kv_heads=num_heads,
        head_dim=head_dim,
        vocabulary_size=config["vocab_size"],
        context_length=config["max_position_embeddings"],
        activation=activation_of(config.get("hidden_act", "gelu")),
        norm_kind=NormKind.LAYER,
        norm_epsilon=config.get("layer_norm_eps", 1e-5),
        rotary=rotary_of(config, head_dim, "rotary_emb_base", config.get("rotary_pct", 0.25)),
        is_parallel=config.get("use_parallel_residual", True),
    )


def neox_weights(shape: DecoderShape, config: Config, tensors: Tensors) -> Decoder:
    has_bias = config.get("attention_bias", True)

    def linear(name: str, *, has_bias: bool = True) -> Linear:
        return Linear(tensors(f"{name}.weight"), tensors(f"{name}.bias") if has_bias else None)

    def norm(name: str) -> Norm:
        return Norm(tensors(f"{name}.weight"), tensors(f"{name}.bias"))

    def by_kind(rows: "Tensor | None") -> "Tensor | None":
        """The rows of q, k and v, stored head by head: (heads, 3, head_dim, …)."""
        if rows is None:
            return None
        by_head = rows.view(shape.num_heads, 3, shape.head_dim, *rows.shape[1:])
        return by_head.transpose(0, 1).reshape(rows.shape)

    def layer(name: str) -> Layer:
        stored = linear(f"{name}.attention.query_key_value", has_bias=has_bias)
        weight = by_kind(stored.weight)
        assert weight is not None
        return Layer(
            attention_norm=norm(f"{name}.input_layernorm"),
            qkv=Linear(weight, by_kind(stored.bias)),
            output=linear(f"{name}.attention.dense", has_bias=has_bias),
            mlp_norm=norm(f"{name}.post_attention_layernorm"),
            up=linear(f"{name}.mlp.dense_h_to_4h"),
            down=linear(f"{name}.mlp.dense_4h_to_h"),
        )

    embedding = tensors("gpt_neox.embed_in.weight")
    return Decoder(
        shape=shape,
        token_embedding=embedding,
        position_embedding=None,
        layers=tuple(layer(f"gpt_neox.layers.{idx}") for idx in range(shape.num_layers)),
        final_norm=norm("gpt_neox.final_layer_norm"),
        head=head_of(config, embedding, tensors, "embed_out", is_tied_by_default=False),
    )


FAMILIES = {
    "gpt2": Family(gpt2_shape, gpt2_weights),
    "llama": Family(llama_shape, llama_weights),
    "qwen2": Family(qwen2_shape, llama_weights),
    "gpt_neox": Family(neox_shape, neox_weights),
}
