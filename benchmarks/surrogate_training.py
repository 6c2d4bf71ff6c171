"""The surrogate training of the blood cells' network, against PyTorch doing the same by autograd.

Both get the same network, batches, noise and dropped inputs, in float32 on one thread; PyTorch's
fused Adam and its autograd do what `learning.surrogate` does by hand.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from anaspike.learning.blas import one_thread
from anaspike.learning.datasets import load_dataset
from anaspike.learning.samples import balanced_batches
from anaspike.learning.surrogate import Chip, SurrogateLearner, coded, fitted_size
from anaspike.learning.tasks import Task, make_task, recipe_for
from benchmarks.pairs import ratio, row

RATE, HEAD_RATE, STEPS, SEED = 0.005, 0.02, 10, 0
Row = tuple[str, str, str, str]


def measure() -> Iterator[Row]:
    """Yield speed against PyTorch and how far the trained values are apart after ten steps."""
    what = "surrogate training: PyTorch / ours"
    try:
        import torch  # noqa: PLC0415
    except ImportError:
        yield what, "not run: PyTorch is not installed", "at least 1", "—"
        return
    data = load_dataset("bccd")
    task = make_task(data, SEED, recipe_for(data, "surrogate"))
    rng = np.random.default_rng(SEED)
    batches = [b for _ in range(3) for b in balanced_batches(task.train.labels, 64, rng)]
    torch.set_num_threads(1)
    with one_thread():
        ours, theirs = _learner(task), _Torch(torch, task)
        for batch in batches[:STEPS]:
            ours.step(batch, RATE, HEAD_RATE)
            theirs.step(batch)
        apart = max(
            float(np.abs(values - theirs.value(name)).max() / np.abs(values).max())
            for name, values in ours.state().items()
            if not name.startswith("adam.")
        )
        yield row(
            f"surrogate training: trained values apart after {STEPS} steps", apart, 1e-3, True
        )
        ours, theirs = _learner(task), _Torch(torch, task)

        def by_us() -> None:
            for batch in batches[:STEPS]:
                ours.step(batch, RATE, HEAD_RATE)

        def by_them() -> None:
            for batch in batches[:STEPS]:
                theirs.step(batch)

        yield row(what, ratio(by_them, by_us), 1.0, at_most=False)


def _learner(task: Task) -> SurrogateLearner:
    return SurrogateLearner(task.network, "nt1", Chip(), task.train, task.validation, SEED)


class _Torch:
    """The same training, written as one would with PyTorch."""

    def __init__(self, torch: Any, task: Task) -> None:
        self._torch, self._chip, self._steps = torch, Chip(), 0
        hidden, head = task.network.layers
        self._votes, self._theta = task.network.votes, task.network.theta
        self._inputs = torch.from_numpy(task.train.inputs)
        self._labels = torch.from_numpy(task.train.labels)
        # What stays is rounded once, by the sizes that suit it.
        fitted = coded(hidden, 7, fitted_size(hidden.weights, 7))
        self._hidden = torch.from_numpy(fitted.weights), torch.from_numpy(fitted.bias)
        self._gain = torch.log(torch.from_numpy(hidden.amplifier)).requires_grad_()
        self._weights = torch.tensor(head.weights, requires_grad=True)
        self._bias = torch.tensor(head.bias, requires_grad=True)
        self._adam = torch.optim.Adam(
            [{"params": [self._gain], "lr": RATE},
             {"params": [self._weights, self._bias], "lr": HEAD_RATE}], fused=True
        )  # fmt: skip

        class Spike(torch.autograd.Function):  # type: ignore[misc]
            @staticmethod
            def forward(ctx: Any, above: Any) -> Any:
                ctx.save_for_backward(above)
                return (above >= 0).float()

            @staticmethod
            def backward(ctx: Any, slope: Any) -> Any:
                (above,) = ctx.saved_tensors
                width = Chip().softness
                return slope / (1 + (above / width).abs()) ** 2 / width

        self._spike = Spike.apply

    def value(self, name: str) -> Any:
        """Return a trained value by the name that ours has."""
        named = {"log_amplifier_0": self._gain, "weights_1": self._weights, "bias_1": self._bias}
        return named[name].detach().numpy()

    def step(self, batch: Any) -> None:
        """Learn from a batch."""
        torch, chip = self._torch, self._chip
        rng = np.random.default_rng([SEED, 5, self._steps])
        self._steps += 1
        self._adam.zero_grad()
        weights, bias = self._hidden
        sums = self._inputs[batch] @ weights.T + bias
        drive = sums * torch.exp(self._gain) * self._noise(rng, sums)
        signal = self._spike(drive - self._theta)
        kept = rng.random(tuple(signal.shape), np.float32) >= chip.dropped
        left = signal * torch.from_numpy(kept) / (1 - chip.dropped)
        signal = signal + (left - signal).detach()  # the gradient passes straight through
        weights, bias = self._coded(self._weights, self._bias, 14)
        sums = signal @ weights.T + bias
        drive = sums * self._noise(rng, sums)
        soft = torch.sigmoid((drive - self._theta) / chip.softness)
        logits = chip.sharpness * soft.reshape(len(batch), -1, self._votes).sum(2)
        torch.nn.functional.cross_entropy(logits, self._labels[batch]).backward()
        with torch.no_grad():
            self._weights *= 1 - HEAD_RATE * chip.decay
        for group in self._adam.param_groups:  # ours has it beside the uncorrected moment
            group["eps"] = 1e-8 / math.sqrt(1 - 0.999**self._steps)
        self._adam.step()

    def _noise(self, rng: np.random.Generator, like: Any) -> Any:
        drawn = rng.standard_normal(tuple(like.shape), np.float32) * np.float32(self._chip.noise)
        return self._torch.from_numpy(1 + drawn)

    def _coded(self, weights: Any, bias: Any, most: int) -> tuple[Any, Any]:
        """Round to codes; the gradient passes straight through."""
        size = (weights.detach().abs().amax(1) / most).clamp(min=1e-30)
        codes = (weights / size[:, None]).round() * size[:, None]
        biases = (bias / size).round() * size
        return weights + (codes - weights).detach(), bias + (biases - bias).detach()


if __name__ == "__main__":
    for line in measure():
        print(*line, sep=" | ", flush=True)
