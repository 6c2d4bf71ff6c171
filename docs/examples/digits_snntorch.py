r"""A network for scikit-learn's digits, trained in snnTorch over ten steps and written as NIR.

    pip install '.[nir]' scikit-learn
    python digits_snntorch.py
    anaspike map digits.nir --dt 1e-4 --steps 10 \
        --inputs digits_trains.npz --labels digits_labels.npy

Neurons reset to zero as soon as they spike, which is what NIR says of them and what the circuit
does; beta and threshold are vectors, since snnTorch exports nothing else.
"""

import nir
import numpy as np
import snntorch as snn
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from snntorch import surrogate
from snntorch.export_nir import export_to_nir

STEPS, HIDDEN, BETA, EPOCHS = 10, 64, 0.9, 60


def neurons(count: int) -> snn.Leaky:
    """Return a layer of leaky neurons that reset to zero."""
    return snn.Leaky(
        beta=torch.full((count,), BETA),
        threshold=torch.ones(count),
        reset_mechanism="zero",
        reset_delay=False,
        spike_grad=surrogate.fast_sigmoid(slope=10),
        init_hidden=True,
    )


def run(net: torch.nn.Sequential, trains: torch.Tensor) -> torch.Tensor:
    """Return the outputs' spikes, (steps, patterns, 10), for trains (steps, patterns, 64)."""
    at_rest(net, trains.shape[1:2])
    return torch.stack([net(x) for x in trains])


def at_rest(net: torch.nn.Sequential, patterns: tuple[int, ...] = ()) -> None:
    """Put all membranes to zero."""
    for linear, leaky in ((net[0], net[1]), (net[2], net[3])):
        leaky.mem = torch.zeros(*patterns, linear.out_features)


def main() -> None:
    """Train, say the accuracy, write the network and the test's trains and labels."""
    torch.manual_seed(0)
    data = load_digits()
    images, labels = data.data.astype(np.float32) / 16, data.target
    x, x_test, y, y_test = train_test_split(images, labels, test_size=300, random_state=0)
    net = torch.nn.Sequential(
        torch.nn.Linear(64, HIDDEN), neurons(HIDDEN), torch.nn.Linear(HIDDEN, 10), neurons(10)
    )
    rates, wanted = torch.tensor(x), torch.tensor(y)
    adam = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(EPOCHS):
        for batch in torch.randperm(len(rates)).split(64):
            trains = torch.bernoulli(rates[batch].expand(STEPS, -1, -1))
            counts = run(net, trains).sum(0)
            loss = torch.nn.functional.cross_entropy(counts, wanted[batch])
            adam.zero_grad()
            loss.backward()
            adam.step()
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: loss {loss.item():.3f}")  # noqa: T201
    rng = np.random.default_rng(0)
    trains = rng.random((len(x_test), STEPS, 64)) < x_test[:, None]
    with torch.no_grad():
        counts = run(net, torch.tensor(trains.swapaxes(0, 1), dtype=torch.float32)).sum(0)
    right = counts.argmax(1).numpy() == y_test
    print(f"accuracy on {len(y_test)} test digits: {right.mean():.3f}")  # noqa: T201
    at_rest(net)
    nir.write("digits.nir", export_to_nir(net, torch.zeros(64)))
    np.savez_compressed("digits_trains.npz", inputs=trains)
    np.save("digits_labels.npy", y_test.astype(np.uint8))


if __name__ == "__main__":
    main()
