"""What a result was made with, so that anyone can make it again."""

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from anaspike.campaign.outcome import Outcome
from anaspike.pdk.roles import Pdk
from anaspike.spice.protocol import Simulator
from anaspike.spice.retry import LADDER


def provenance(
    command: str,
    simulator: Simulator,
    pdk: Pdk,
    parameters: Mapping[str, Any],
    outcomes: Sequence[Outcome],
) -> dict[str, Any]:
    """Return the manifest of a run, ready for JSON.

    Args:
        command: what was asked, as the command line names it.
        simulator: what ran.
        pdk: the process.
        parameters: what was asked for, in base units.
        outcomes: of every point that has one.
    """
    return {
        "schema": 1,
        "command": command,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "anaspike": version("anaspike"),
        "simulator": simulator.name,
        simulator.name: made_with(simulator),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": {name: version(name) for name in ("PySpice", "numpy", "pandas")},
        "pdk": {
            "name": pdk.name,
            "title": pdk.title,
            "approximation": pdk.approximation,
            "models_sha256": sorted({o.models_digest for o in outcomes if o.models_digest}),
        },
        "options": [dict(options) for options in sorted(_options(outcomes))],
        "retry_ladder": [{"rung": rung.name, "why": rung.why} for rung in LADDER],
        "parameters": dict(parameters),
        "points": [
            point_entry(outcome) for outcome in sorted(outcomes, key=lambda outcome: outcome.index)
        ],
    }


def made_with(simulator: Simulator) -> dict[str, Any]:
    """Return what a manifest says of a simulator."""
    return {
        "version": str(simulator.version),
        "tested": simulator.version.tested,
        "identity": simulator.identity,
    }


def point_entry(outcome: Outcome) -> dict[str, Any]:
    """Return what a manifest says of one point."""
    return {
        "index": outcome.index,
        "status": outcome.status,
        "deck_sha256": outcome.deck_digest,
        "retry": outcome.rung,
        "failed_attempts": [vars(failed) for failed in outcome.failed],
        "message": outcome.message,
        "cache": {"made": outcome.made, "note": outcome.note},
    }


def _options(outcomes: Sequence[Outcome]) -> set[tuple[tuple[str, str | float | int], ...]]:
    return {tuple(o.options.as_dict().items()) for o in outcomes if o.options is not None}
