"""The ordinary classifier beside which a spiking one is judged: logistic regression."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from anaspike.learning.blas import one_thread
from anaspike.learning.network import Floats
from anaspike.learning.scores import Labels

_Doubles = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scaler:
    """Features in standard deviations of the training part, cut where they are extreme.

    Attributes:
        mean, spread: of each feature, (d,).
    """

    mean: Floats
    spread: Floats

    @classmethod
    def fit(cls, features: Floats) -> Self:
        """Measure the training part; a constant feature becomes 0."""
        spread = features.std(0)
        return cls(features.mean(0), np.where(spread > 0, spread, np.float32(np.inf)))

    def encode(self, features: Floats) -> Floats:
        """Return scaled features (n_samples, d)."""
        scaled: Floats = ((features - self.mean) / self.spread).clip(-3, 3)
        return scaled


@dataclass(frozen=True, eq=False)
class Logistic:
    """Multinomial logistic regression, classes weighted alike, weights held small.

    Attributes:
        scaler: of the training part.
        weights: (d, n_classes).
        bias: (n_classes,).
    """

    scaler: Scaler
    weights: _Doubles
    bias: _Doubles

    @classmethod
    def fit(cls, features: Floats, labels: Labels, n_classes: int, strength: float = 0.1) -> Self:
        """Fit to samples.

        Args:
            features: (n_samples, d).
            labels: (n_samples,).
            n_classes: number of classes.
            strength: of the squared penalty on the weights, relative to the mean loss.
        """
        scaler = Scaler.fit(features)
        x = scaler.encode(features).astype(np.float64)
        shape = (x.shape[1] + 1, n_classes)
        share = 1 / np.maximum(np.bincount(labels, minlength=n_classes), 1)[labels]
        share /= share.sum()
        wanted = np.eye(n_classes)[labels]

        def loss(flat: _Doubles) -> tuple[float, _Doubles]:
            parameters = flat.reshape(shape)
            sums = x @ parameters[:-1] + parameters[-1]
            sums -= sums.max(1, keepdims=True)
            logs = sums - np.log(np.exp(sums).sum(1, keepdims=True))
            error = (np.exp(logs) - wanted) * share[:, None]
            penalty = strength / 2 * float((parameters[:-1] ** 2).sum())
            slope = np.vstack([x.T @ error + strength * parameters[:-1], error.sum(0)])
            return penalty - float((share * (logs * wanted).sum(1)).sum()), slope.ravel()

        with one_thread():
            found = minimize(
                loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 300}
            )
        parameters = found.x.reshape(shape)
        return cls(scaler, parameters[:-1], parameters[-1])

    def answers(self, features: Floats) -> Labels:
        """Return the class of each sample: (n_samples,)."""
        with one_thread():
            sums = self.scaler.encode(features) @ self.weights + self.bias
        answers: Labels = sums.argmax(1)
        return answers
