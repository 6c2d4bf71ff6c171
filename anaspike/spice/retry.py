"""The written policy for runs that fail: what is tried again, how, and why.

Only failures to converge climb the ladder, since another setting may mend
them. A crash is tried once more as it was. A deck that is wrong, data that
are missing and a run that took too long would be no different the next time.
Which rung gave a result is part of the result.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from anaspike.spice.deck import Deck
from anaspike.spice.failures import (
    ConvergenceFailure,
    Crashed,
    Failed,
    SimulationFailure,
    SingularMatrix,
    TimestepTooSmall,
)
from anaspike.spice.options import SimulationOptions
from anaspike.spice.protocol import Simulator
from anaspike.spice.waveforms import Waveforms

_CLIMBS = (ConvergenceFailure, TimestepTooSmall, SingularMatrix)


@dataclass(frozen=True)
class Rung:
    """One attempt of the ladder.

    Attributes:
        name: as a result records it.
        why: what it is hoped to mend.
        change: the options it runs with, from those that were asked for.
    """

    name: str
    why: str
    change: Callable[[SimulationOptions], SimulationOptions]


LADDER = (
    Rung("as asked", "the settings of the run", lambda options: options),
    Rung(
        "plain",
        "gear damps what rings, and no transistor is left out; more time is all that it costs",
        SimulationOptions.plain,
    ),
    Rung(
        "small steps",
        "a quarter of the step and more iterations a point follow fast edges",
        lambda options: replace(options.plain(), max_step_s=options.max_step_s / 4, itl4=200),
    ),
    Rung(
        "larger gmin",
        "1e-13 S across each junction ties down nodes that only transistors hold",
        lambda options: replace(
            options.plain(),
            gmin_S=max(options.gmin_S, 1e-13),
            max_step_s=options.max_step_s / 4,
            itl4=200,
        ),
    ),
)


@dataclass(frozen=True)
class Attempt:
    """A run that delivered.

    Attributes:
        waveforms: what it gave.
        rung: the rung that gave it.
        failures: the attempts before it, oldest first.
    """

    waveforms: Waveforms
    rung: str
    failures: tuple[Failed, ...]


def run_with_retries(simulator: Simulator, deck: Deck, ladder: Sequence[Rung] = LADDER) -> Attempt:
    """Run a deck, climbing the ladder as long as the failure may be mended by it.

    Raises:
        DeckRefused: it asks for what is not there, or SPICE would read it otherwise than meant.
        SimulationFailure: the last one, with every failed attempt in `failures`.
    """
    deck.check()
    failed: list[Failed] = []
    rungs = iter(_differing(ladder, deck.options))
    rung, crashed = next(rungs), False
    while True:
        options = rung.change(deck.options)
        # Mostly it stays as it is: another deck would be looked at, and written out, again.
        attempt = deck if options is deck.options else replace(deck, options=options)
        try:
            return Attempt(simulator.run(attempt), rung.name, tuple(failed))
        except SimulationFailure as failure:
            failed.append(Failed(rung.name, failure.kind, failure.log_line))
            following = _next_rung(failure, rung, rungs, crashed)
            if following is None:
                failure.failures = tuple(failed)
                raise
            crashed = crashed or isinstance(failure, Crashed)
            rung = following


def _differing(ladder: Sequence[Rung], options: SimulationOptions) -> Iterator[Rung]:
    """Yield the rungs that are not the one before them: the same run would fail alike."""
    tried: SimulationOptions | None = None
    for rung in ladder:
        if (asked := rung.change(options)) != tried:
            yield rung
        tried = asked


def _next_rung(
    failure: SimulationFailure, rung: Rung, rungs: Iterator[Rung], crashed: bool
) -> Rung | None:
    if isinstance(failure, Crashed):
        return None if crashed else rung
    return next(rungs, None) if isinstance(failure, _CLIMBS) else None
