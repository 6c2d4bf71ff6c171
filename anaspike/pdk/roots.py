"""Where open PDKs lie below `$PDK_ROOT`: open_pdks, ciel and volare lay them out alike."""

from collections.abc import Iterator, Mapping
from pathlib import Path

_MANAGERS = ("ciel", "volare")


def pdk_folders(environ: Mapping[str, str], family: str, names: tuple[str, ...]) -> Iterator[Path]:
    """Yield the folders that may hold a PDK, the likeliest first; they need not be there.

    Args:
        environ: `PDK_ROOT`, and `PDK`, which goes before the other names when it is one of them.
        family: as the version managers call it, for example "gf180mcu".
        names: of its variants, for example "gf180mcuD".
    """
    root = environ.get("PDK_ROOT")
    if not root:
        return
    top, chosen = Path(root).expanduser(), environ.get("PDK", "")
    ordered = tuple(dict.fromkeys((*((chosen,) if chosen in names else ()), *names)))
    yield from (top / name for name in ordered)
    yield top
    for manager in _MANAGERS:  # downloaded, but none enabled
        for version in sorted((top / manager / family / "versions").glob("*")):
            yield from (version / name for name in ordered)
