"""`manage.py benchmark`: the engine against the naive way, side by side in one run."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand
from tqdm import tqdm

from wheel.engine.model_files import locate_model
from wheel.engine.registry import SMOLLM2_135M
from wheel.errors import ModelUnavailableError

if TYPE_CHECKING:
    from wheel.engine.benchmark import Figure


class Command(BaseCommand):
    help = "Measures this machine's engine at GPT-2's shape and on SmolLM2; writes JSON too."

    def handle(self, *args: Any, **options: Any) -> None:
        from wheel.engine.benchmark import gpt2_shaped, read_bandwidth  # noqa: PLC0415 - torch

        bandwidth = read_bandwidth()
        self.stdout.write(f"memory read bandwidth: {bandwidth / 1e9:.1f} GB/s")
        results = {"gpt2 (random weights)": self._measure("gpt2", gpt2_shaped(), bandwidth)}
        try:
            folder = locate_model(SMOLLM2_135M, settings.TRANSFORMERS_CACHE)
        except ModelUnavailableError as error:
            self.stdout.write(error.detail)
        else:
            from wheel.engine.weights import load_weights  # noqa: PLC0415 - torch

            results["smollm2-135m"] = self._measure("smollm2", load_weights(folder), bandwidth)
        path = Path(settings.DATA_DIR) / "benchmark.json"
        path.write_text(json.dumps({"bandwidth_bytes_s": bandwidth} | results, indent=1))
        self.stdout.write(f"written to {path}")

    def _measure(self, name: str, model: Any, bandwidth: float) -> list[dict[str, Any]]:
        from wheel.engine.benchmark import Bench, weight_bytes  # noqa: PLC0415 - torch

        bench = Bench(model)
        figures = list(tqdm(bench.figures(), total=bench.num_figures, desc=name))
        limit_s = weight_bytes(model) / bandwidth
        self.stdout.write(
            f"\n{name}: reading the weights once takes {limit_s * 1e3:.1f} ms\n"
            f"{'':26}{'ours':>10}{'naive':>12}{'ratio':>9}{'over limit':>13}"
        )
        for figure in figures:
            self.stdout.write(row(figure, limit_s))
        return [
            {"name": f.name, "ours_s": f.ours_s, "naive_s": f.naive_s, "ratio": f.ratio}
            for f in figures
        ]


def row(figure: "Figure", limit_s: float) -> str:
    naive = f"{figure.naive_s * 1e3:9.1f} ms" if figure.naive_s else ""
    ratio = f"{figure.ratio:8.1f}x" if figure.ratio else ""
    over = f"{figure.ours_s / limit_s:12.2f}x"
    return f"{figure.name:26}{figure.ours_s * 1e3:7.1f} ms{naive:>12}{ratio:>9}{over:>13}"
