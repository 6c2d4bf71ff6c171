"""Every neuron's NT value as a supply voltage: k, rail, converter code, volt."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.learning.network import Layer, Network
from anaspike.mapping.domains import share
from anaspike.mapping.quantise import CodedLayer
from anaspike.mapping.supply_curve import Dac, SupplyCurve, check_bits

Floats = NDArray[np.float64]


# On higher supplies a sink is in triode before the membrane is at rest.
LARGEST_K = 2.5
# Percent of the neurons at either end that a converter need not reach: finer steps for the many.
_FEW = 5
_LEAST_STEP_V = 1e-3  # no converter of supplies has finer ones


@dataclass(frozen=True)
class MappedLayer:
    """A layer of codes, each neuron with its supply.

    A neuron fires where k * (codes @ spikes + bias_codes) >= unit_theta.

    Attributes:
        coded: the codes.
        unit_theta: how many units of code reach the threshold at the reference supply, where
            k is 1; what the layer's membrane capacitor is sized for.
        k: wanted of each neuron, (n_out,): unit_theta over its own threshold in codes.
        asked: k that its supply is chosen for, (n_out,): k itself, or trimmed for what the
            neuron's other synapses do.
        supply_V: given to each neuron, (n_out,), in volt.
        k_given: k at that supply, (n_out,).
        dac_code: the converter's code, (n_out,); -1 where supplies are continuous.
        rail: number of the neuron's rail, (n_out,).
        clipped: whether the k asked for lies outside the curve, (n_out,).
    """

    coded: CodedLayer
    unit_theta: float
    k: Floats
    asked: Floats
    supply_V: Floats
    k_given: Floats
    dac_code: NDArray[np.int64]
    rail: NDArray[np.int64]
    clipped: NDArray[np.bool_]

    def at(self, supply_V: Floats, curve: SupplyCurve, dac: Dac | None) -> "MappedLayer":
        """Return the layer with other supplies, each neuron on a rail of its own."""
        code = np.full(len(supply_V), -1) if dac is None else dac.code(supply_V)
        return replace(
            self,
            supply_V=supply_V,
            k_given=curve.k_at(supply_V),
            dac_code=code,
            rail=np.arange(len(supply_V)),
        )

    def layer(self, theta: float) -> Layer:
        """Return what the layer computes if its neurons were ideal, for a common theta."""
        gain = self.k_given * theta / self.unit_theta
        return Layer.of(self.coded.codes, self.coded.bias_codes, gain)


@dataclass(frozen=True)
class MappedNetwork:
    """A network as hardware runs it.

    Attributes:
        layers: from the inputs on.
        like: the network that was mapped.
        curve: k(V).
        dac: the converter; None for continuous supplies.
    """

    layers: tuple[MappedLayer, ...]
    like: Network
    curve: SupplyCurve
    dac: Dac | None

    @property
    def ideal(self) -> Network:
        """What it computes if its neurons were ideal: codes, and k at the supplies given."""
        theta = self.like.theta
        layers = tuple(layer.layer(theta) for layer in self.layers)
        return replace(self.like, layers=layers, theta=theta)

    def asking(
        self,
        asked: Sequence[Floats],
        dac_bits: int | None = None,
        domains: int | None = None,
        headroom: float = 1.0,
    ) -> "MappedNetwork":
        """Return the same codes on the supplies of another k, (n_out,) a layer.

        `dac_bits`, `domains` and `headroom` are as `assign_supplies` takes them.
        """
        return assign_supplies(
            [layer.coded for layer in self.layers], self.like, self.curve, dac_bits, domains,
            [layer.unit_theta for layer in self.layers], headroom, asked,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Return a row for each neuron's supply domain.

        Columns: layer, neuron, k, vdd_syn_V, dac_code, rail, clipped, flipped.
        """
        return pd.concat(
            [
                pd.DataFrame(
                    {
                        "layer": i,
                        "neuron": np.arange(len(layer.k)),
                        "k": layer.k,
                        "vdd_syn_V": layer.supply_V,
                        "dac_code": layer.dac_code,
                        "rail": layer.rail,
                        "clipped": layer.clipped,
                        "flipped": layer.coded.flipped,
                    }
                )
                for i, layer in enumerate(self.layers)
            ],
            ignore_index=True,
        )


def assign_supplies(
    coded: Sequence[CodedLayer],
    like: Network,
    curve: SupplyCurve,
    dac_bits: int | None = None,
    domains: int | None = None,
    unit_thetas: Sequence[float] | None = None,
    headroom: float = 1.0,
    asked: Sequence[Floats] | None = None,
) -> MappedNetwork:
    """Return the network with a supply for every neuron.

    With a converter, its ends are the 5th and 95th percentile of the supplies wanted, or beyond:
    finer steps for the many are worth more than the last of the few. Its steps are 1 mV at least.

    Args:
        coded: the layers as codes.
        like: the network they came from: theta, head.
        curve: k(V).
        dac_bits: of the converter; None for continuous supplies.
        domains: rails that all neurons share; None gives each its own.
        unit_thetas: units of code that reach the threshold at the reference supply, one a
            layer; by default `chosen_unit_thetas`.
        headroom: factor of k by which a converter's ends lie beyond, for a calibration later.
        asked: k that supplies are chosen for, one array a layer; by default k itself.

    Raises:
        InputError: every k lies outside the curve, too many rails, no bits.
    """
    units = chosen_unit_thetas(coded, like) if unit_thetas is None else list(unit_thetas)
    wanted = [unit / layer.thresholds(like.theta) for layer, unit in zip(coded, units, strict=True)]
    k = np.concatenate(wanted if asked is None else list(asked))
    rail, supply_V, clipped = _rails(k, curve, domains)
    codes, dac = np.full(len(k), -1), None
    if dac_bits is not None:
        dac = _converter(check_bits(dac_bits), supply_V, curve, headroom)
        codes = dac.code(supply_V)
        supply_V = np.clip(dac.supply(codes), curve.supply_V[0], curve.supply_V[-1])
    ends = np.cumsum([len(part) for part in wanted])[:-1]
    columns = (k, supply_V, curve.k_at(supply_V), codes, rail, clipped)
    parts = zip(*(np.split(column, ends) for column in columns), strict=True)
    layers = tuple(
        MappedLayer(layer, unit, wanted_k, *part)
        for layer, unit, wanted_k, part in zip(coded, units, wanted, parts, strict=True)
    )
    return MappedNetwork(layers, like, curve, dac)


def chosen_unit_thetas(coded: Sequence[CodedLayer], like: Network) -> list[float]:
    """Return for each layer how many units of code should reach the threshold where k is 1.

    So many that its middle neuron gets the reference supply, or fewer where its largest k
    would then be beyond `LARGEST_K`: k falls further below 1 than it rises above.
    """
    return [_chosen(layer, like.theta) for layer in coded]


def _chosen(layer: CodedLayer, theta: float) -> float:
    alive = layer.codes.any(axis=1) & (layer.amplifier > 0)
    weight = 1 / layer.thresholds(theta)[alive]
    if not len(weight):
        return 1.0
    return min(1 / float(np.median(weight)), LARGEST_K / float(weight.max()))


def _rails(
    k: Floats, curve: SupplyCurve, domains: int | None
) -> tuple[NDArray[np.int64], Floats, NDArray[np.bool_]]:
    """Return each neuron's rail, its supply, and whether its own k lay outside the curve."""
    own_V, clipped = curve.supply_for(k)
    if clipped.all():
        raise InputError(
            f"the k of every neuron ({k.min():.3g} to {k.max():.3g}) lies outside"
            f" {curve.source} ({curve.k[0]:.3g} to {curve.k[-1]:.3g}): nothing can be mapped;"
            " give a curve over more supplies"
        )
    if domains is None:
        return np.arange(len(k)), own_V, clipped
    rail, k_of_rail = share(np.clip(k, curve.k[0], curve.k[-1]), domains)
    return rail, curve.supply_for(k_of_rail)[0][rail], clipped


def _converter(bits: int, supply_V: Floats, curve: SupplyCurve, headroom: float) -> Dac:
    few = _FEW if len(supply_V) * _FEW >= 100 else 0  # else even one is more than a few
    ends_V = np.percentile(supply_V, [few, 100 - few])
    ends_k = curve.k_at(ends_V) * [1 / headroom, headroom]
    low_V, high_V = (float(end_V) for end_V in curve.supply_for(ends_k)[0])
    if high_V - low_V < _LEAST_STEP_V * (2**bits - 1):
        # A code on the middle supply: where all are alike, on that of all.
        below = min(2 ** (bits - 1), int(float(np.median(supply_V)) / _LEAST_STEP_V))
        low_V = float(np.median(supply_V)) - below * _LEAST_STEP_V
        return Dac(bits, low_V, low_V + _LEAST_STEP_V * (2**bits - 1), widened=True)
    return Dac(bits, low_V, high_V)
