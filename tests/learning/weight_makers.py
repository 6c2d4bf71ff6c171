"""Arrays as frameworks name them, written by NumPy alone."""

import numpy as np

RNG = np.random.default_rng(0)


def f(*shape):
    """Random numbers."""
    return RNG.normal(size=shape).astype(np.float32)


def lif(name, threshold=1.0, **others):
    """What snnTorch's Leaky keeps."""
    values = {"threshold": threshold, "graded_spikes_factor": 1.0, "beta": 0.9, **others}
    return {f"{name}.{key}": np.asarray(value, np.float32) for key, value in values.items()} | {
        f"{name}.reset_mechanism_val": np.array(0)
    }


SNN = {"fc1.weight": f(8, 4), "fc1.bias": f(8), "fc2.weight": f(3, 8), "fc2.bias": f(3)}
