"""What a worker answers, as bytes: a line of JSON, then the samples. Judged where it arrives."""

import json

import numpy as np

from anaspike.spice.deck import Deck
from anaspike.spice.failures import SimulationFailure, failure_of
from anaspike.spice.waveforms import Waveforms

_MOST_HEAD_B = 100_000
_MOST_SAID = 10_000  # characters of a message
_SAMPLE = np.dtype("<f8")


class NoAnswer(ValueError):
    """What arrived is no answer to the deck that was sent."""


def packed(answer: Waveforms | SimulationFailure) -> bytes:
    """Return waveforms, or a failure, as bytes."""
    if isinstance(answer, SimulationFailure):
        said = {"message": str(answer), "log_line": answer.log_line}
        return _line({"kind": answer.kind, **{n: t[:_MOST_SAID] for n, t in said.items()}})
    samples = np.stack([answer.time_s, *answer.vectors.values()]).astype(_SAMPLE)
    return _line({"points": samples.shape[1]}) + samples.tobytes()


def unpacked(data: object, deck: Deck) -> Waveforms:
    """Return the waveforms that a worker sent for a deck.

    Args:
        data: what arrived; anything.
        deck: whose vectors it should hold.

    Raises:
        SimulationFailure: that the worker told of.
        NoAnswer: it is not what `packed` makes for this deck, or not finite.
    """
    if not isinstance(data, bytes):
        raise NoAnswer(f"a {type(data).__name__}")
    end = data.find(b"\n", 0, _MOST_HEAD_B)
    try:
        head = json.loads(data[: max(end, 0)])
    except (ValueError, RecursionError):
        raise NoAnswer("its head is no JSON") from None
    match head:
        case {"kind": str(kind), "message": str(message), "log_line": str(line), **more}:
            if not more and end == len(data) - 1:
                raise failure_of(kind, message[:_MOST_SAID], line[:_MOST_SAID])
        case {"points": int(points), **more} if not more:
            return _waveforms(memoryview(data)[end + 1 :], points, deck)
    raise NoAnswer("its head is none")


def _waveforms(data: memoryview, points: int, deck: Deck) -> Waveforms:
    vectors = 1 + len(deck.save)
    if points < 1 or len(data) != points * vectors * _SAMPLE.itemsize:
        raise NoAnswer(f"{len(data)} bytes are not {vectors} vectors of {points} samples")
    # A copy, which may be written to as a local run's may.
    time_s, *found = np.frombuffer(data, _SAMPLE).reshape(vectors, points).astype(float)
    if not (np.isfinite(time_s).all() and all(np.isfinite(vector).all() for vector in found)):
        raise NoAnswer("a sample is not finite")
    return Waveforms(time_s, dict(zip(deck.save, found, strict=True)))


def _line(head: dict[str, str | int]) -> bytes:
    return json.dumps(head).encode() + b"\n"
