"""The two families of errors that a user can meet.

    AnaspikeError
    +-- InputError          what was asked cannot be done as asked: exit code 2
    +-- SimulationFailure   the simulator ran and did not deliver: exit code 1
                            (its kinds stand in `anaspike.spice.failures`)

Both carry one line that says what is wrong and how to mend it; the command
line prints that line and no traceback.
"""


class AnaspikeError(Exception):
    """Base of every error that anaspike raises on purpose."""

    exit_code = 1


class InputError(AnaspikeError):
    """Bad input or a missing tool: one line that says what and how to mend it."""

    exit_code = 2


def text_of(error: BaseException) -> str:
    """Return what an error says; nothing where even that goes wrong, as it may in a user's own."""
    try:
        return str(error)
    except BaseException:
        return ""
