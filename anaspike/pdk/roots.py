"""Where the models of an open PDK lie by the user's variables: one walk for all processes.

1. A variable of ours, for example `$ANASPIKE_SKY130`, names their folder.
2. `$PDK_ROOT` names the folder of all PDKs, as open_pdks, ciel and volare lay it out: a variant
   that is enabled stands at `$PDK_ROOT/sky130A`, one that was only downloaded below
   `$PDK_ROOT/{ciel,volare}/sky130/versions/<commit>`. `$PDK` names the variant.

A variable that names what is not there is an error and no reason to look elsewhere: the results
would be of other models than the user named. For the same reason none of two versions is taken.
"""

import filecmp
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anaspike.errors import InputError
from anaspike.files import read_json
from anaspike.units import printable

_MANAGERS = ("ciel", "volare")
# What PDK begins with where it names a process that anaspike knows.
_FAMILIES = ("sky130", "gf180mcu", "ihp-sg13g2")


class Misnamed(InputError):
    """A variable of the environment names what is not there, or more than one thing."""


@dataclass(frozen=True)
class Whereabouts:
    """How the models of one process are named and known.

    Attributes:
        family: as the version managers call it; the names of its variants begin with it.
        variants: folders below `$PDK_ROOT`, the likeliest first.
        within: where the models lie in a variant, for messages.
        models_in: returns where the models lie at or below a folder; None if they are not there.
        variable: of ours that names a folder of models; empty where there is none.
        lacks: what a folder that `variable` names lacks, and which one to name.
        instead: of a `$PDK_ROOT` that holds none, what to do.
        needed: whether a `$PDK_ROOT` without it is an error where `$PDK` names no other process.
    """

    family: str
    variants: tuple[str, ...]
    within: str
    models_in: Callable[[Path], Path | None]
    variable: str = ""
    lacks: str = ""
    instead: str = "unset it"
    needed: bool = True

    def find(self, environ: Mapping[str, str]) -> Path | None:
        """Return the folder of the models that the user's variables name.

        Returns:
            None where they name none of this process: it may lie elsewhere.

        Raises:
            Misnamed: a variable names what is not there, or several versions.
        """
        try:
            return self._named(environ) or self._below_root(environ)
        except (OSError, RuntimeError) as error:  # a folder that is closed to us; ~nobody
            variables = " or ".join(filter(None, (self.variable, "PDK_ROOT")))
            reason = getattr(error, "strerror", None) or error
            raise Misnamed(
                f"the folder that {variables} names cannot be searched for"
                f" {self.family} models: {reason}"
            ) from error

    def _named(self, environ: Mapping[str, str]) -> Path | None:
        folder = environ.get(self.variable)
        if not folder:
            return None
        found = self.models_in(Path(folder).expanduser())
        if found is None:
            raise Misnamed(f"{self.variable} is {folder}, which holds no {self.lacks}, or unset it")
        return found

    def _below_root(self, environ: Mapping[str, str]) -> Path | None:
        root, pdk = environ.get("PDK_ROOT"), environ.get("PDK", "")
        if not root:
            return None
        top = Path(root).expanduser()
        if not pdk.startswith(_FAMILIES) and pdk.lower().startswith(_FAMILIES):
            raise Misnamed(f"PDK is {printable(pdk)}; write it as its folder: sky130A, gf180mcuD")
        if pdk and not pdk.startswith(_FAMILIES) and not _holds_any(top, pdk):
            raise Misnamed(
                f"PDK is {printable(pdk)}, and PDK_ROOT is {root}, which holds no such"
                " folder; correct one of them, or unset PDK"
            )
        ours = pdk.startswith(self.family)
        found = self._in(top, root, (pdk,) if ours else self.variants)
        # A root of another process need not hold ours, as long as it is there.
        asked = self.needed and (ours or not pdk)
        if found is None and (asked or not top.is_dir()):
            raise Misnamed(self._absent(top, root, pdk if ours else ""))
        return found

    def _in(self, top: Path, root: str, names: tuple[str, ...]) -> Path | None:
        """Return the models of the first of these variants that a root holds."""
        if enabled := dict(self._found(top, names)):
            releases = {release_of(found) for found in enabled.values()}
            if len(releases) > 1 or (None in releases and _differ(*enabled.values())):
                raise Misnamed(
                    f"PDK_ROOT is {root}, whose variants of {self.family} are of"
                    f" different versions; set PDK to one of them: {', '.join(enabled)}"
                )
            return next(iter(enabled.values()))
        if any(_is_there(top / name) for name in names):  # its models are gone
            return None
        if (found := self.models_in(top)) and self._may_be(top, names):
            return found
        versions = {
            version.resolve(): there
            for version in _versions(top, self.family)
            if (there := dict(self._found(version, names)))
        }
        if len(versions) > 1:
            raise Misnamed(
                f"PDK_ROOT is {root}, which holds {len(versions)} versions of"
                f" {self.family} and none enabled; set PDK_ROOT to one of them, for example"
                f" {next(iter(versions))}"
            )
        return next((next(iter(there.values())) for there in versions.values()), None)

    def _found(self, folder: Path, names: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
        for name in names:
            if found := self.models_in(folder / name):
                yield name, found

    def _may_be(self, top: Path, names: tuple[str, ...]) -> bool:
        """Whether a root that holds models itself can be one of these variants."""
        return top.name in names or not top.name.startswith(self.family)

    def _absent(self, top: Path, root: str, pdk: str) -> str:
        others = [name for name in self.variants if name != pdk and self.models_in(top / name)]
        if pdk and others:
            return (
                f"PDK is {printable(pdk)}, and PDK_ROOT is {root}, which holds"
                f" {', '.join(others)} alone; correct one of them, or unset PDK"
            )
        return (
            f"PDK_ROOT is {root}, which holds no {self.family} models"
            f" ({printable(pdk or self.variants[0])}/{self.within}); correct it, or {self.instead}"
        )


def release_of(models: Path) -> str | None:
    """Return the commit of open_pdks that models are of, where their place tells it."""
    for folder in models.resolve().parents:  # ciel and volare name a folder by its commit
        if folder.parent.name == "versions":
            return folder.name
    for folder in models.parents:
        commit = _json(folder / ".config/nodeinfo.json").get("commit")
        if isinstance(commit, dict) and isinstance(commit.get("open_pdks"), str):
            return str(commit["open_pdks"])
    return None


def _differ(first: Path, *others: Path) -> bool:
    """Return whether folders of models, of which none says its version, hold different files."""
    names = _names(first)
    return any(
        _names(other) != names
        or filecmp.cmpfiles(first, other, names, shallow=False)[0] != list(names)
        for other in others
    )


def _names(folder: Path) -> tuple[str, ...]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return tuple(sorted(str(path.relative_to(folder)) for path in files))


def _versions(top: Path, family: str) -> Iterator[Path]:
    for manager in _MANAGERS:
        yield from sorted((top / manager / family / "versions").glob("*"))


def _holds_any(top: Path, name: str) -> bool:
    """Whether a root holds a folder of that name where a variant of any process may stand."""
    if _is_there(top / name) or top.name == name:
        return True
    return any(
        _is_there(version / name)
        for manager in _MANAGERS
        for version in (top / manager).glob("*/versions/*")
    )


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.exists()


def _json(path: Path) -> dict[str, Any]:
    try:
        content = read_json(path)
    except InputError:
        return {}
    return content if isinstance(content, dict) else {}
