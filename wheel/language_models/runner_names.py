"""Names of the libraries that compute models, without importing them."""

AUTO = "auto"  # the faster one, measured at load
TORCH = "torch"
OPENVINO = "openvino"

CHOICES = [AUTO, TORCH, OPENVINO]
