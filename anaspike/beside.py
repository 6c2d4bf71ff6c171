"""A user's program in several files: its modules are found beside it, and are its alone.

Python finds what lies beside a script because it puts the script's folder on `sys.path`, for all
that the process runs. Here one process runs several such programs, and two of them may each have
a `sizes.py`. So the modules of a program stand in a package of their own, one for each time that a
program is loaded, and its `import sizes` means the one beside it, at its top or in a function, now
or later; what does not lie there is imported as ever. `sys.path` stays as it is.
"""

import _imp
import builtins
import importlib
import importlib.util
import sys
import uuid
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    ModuleSpec,
    SourceFileLoader,
)
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

_PREFIX = "anaspike_own_"


def load(path: Path) -> ModuleType:
    """Run a file as a module, with those that lie beside it within its reach.

    It is read and run afresh each time, and so are the others.

    Args:
        path: of the file, which is there.

    Raises:
        Exception: whatever the program raises.
    """
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
    world = _World(path.parent.absolute())
    sys.modules[world.__name__] = world
    try:
        return importlib.import_module(f"{world.__name__}.{path.stem}")
    except BaseException:
        for name in [name for name in sys.modules if _top(name) == world.__name__]:
            del sys.modules[name]
        raise


def meant(importer: str, name: str) -> str:
    """Return the full name of the module that `import name` means in another module.

    Args:
        importer: full name of the module that holds the statement.
        name: as the statement has it.
    """
    world = sys.modules.get(_top(importer))
    own = isinstance(world, _World) and world.holds(_top(name))
    return f"{_top(importer)}.{name}" if own else name


def plain(name: str) -> str:
    """Return a module's name as its own program knows it, the same whenever it is loaded."""
    return name.partition(".")[2] if name.startswith(_PREFIX) else name


def is_own(name: str) -> bool:
    """Return whether a module is one of a user's program."""
    return isinstance(sys.modules.get(_top(name)), _World)


def text_of(name: str) -> bytes | None:
    """Return the source that a module of a program was run from; None where it was not run."""
    loader = getattr(sys.modules.get(name), "__loader__", None)
    return loader.text if isinstance(loader, _Loader) else None


class _World(ModuleType):
    """The package that holds a program's modules."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{_PREFIX}{uuid.uuid4().hex}")
        self.__path__ = [str(folder)]
        self.__spec__ = ModuleSpec(self.__name__, None, is_package=True)
        self._held: dict[str, bool] = {}

    def holds(self, name: str) -> bool:
        """Return whether a name without dots means a module that lies in the folder."""
        if name not in self._held:
            self._held[name] = self._finds(name)
        return self._held[name]

    def _finds(self, name: str) -> bool:
        # As for a script, what is built into Python goes before its folder; and a checkout of
        # anaspike beside a flow is no other anaspike.
        if name == "anaspike" or name in sys.builtin_module_names or _imp.is_frozen(name):
            return False
        spec = _in_folders(f"{self.__name__}.{name}", self.__path__)
        if spec is None:
            return False
        # A folder without __init__.py is a package only where there is no other.
        elsewhere = name in sys.modules or importlib.util.find_spec(name) is not None
        return spec.loader is not None or not elsewhere


class _Finder(MetaPathFinder):
    """Finds the modules of programs; it knows no others."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is None or not fullname.startswith(_PREFIX):
            return None
        return _in_folders(fullname, path)


class _Loader(SourceFileLoader):
    """Runs a module of a program from its source, never from what an earlier run compiled.

    Attributes:
        text: the source that was run.
    """

    text: bytes | None = None

    def get_code(self, fullname: str) -> CodeType:
        self.text = self.get_data(self.path)
        code: CodeType = self.source_to_code(self.text, self.path)
        return code

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__builtins__"] = {**vars(builtins), "__import__": _import}
        super().exec_module(module)


def _in_folders(fullname: str, folders: Sequence[str]) -> ModuleSpec | None:
    loaders: Any = (
        (ExtensionFileLoader, EXTENSION_SUFFIXES),
        (_Loader, SOURCE_SUFFIXES),
    )
    # Not from sys.path_importer_cache, which may not know yet what was written a moment ago.
    found = (FileFinder(folder, *loaders).find_spec(fullname) for folder in folders)
    return next((spec for spec in found if spec is not None), None)


def _import(
    name: str,
    globals: Mapping[str, object] | None = None,
    locals: Mapping[str, object] | None = None,
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    """Import as `__import__` does, but first from beside the module that asks."""
    importer = str((globals or {}).get("__name__", ""))
    full = name if level else meant(importer, name)
    module = builtins.__import__(full, globals, locals, fromlist or (), level)
    if full == name or fromlist:
        return module
    # `import sizes.small` gives the name of the first part to the statement.
    return sys.modules[full.removesuffix(name) + _top(name)]


def _top(name: str) -> str:
    return name.partition(".")[0]
