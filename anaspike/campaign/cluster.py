"""Decks run on a Dask cluster: a simulator like any other, its ngspice on other machines.

Only decks travel out and vectors back: numbers and texts as bytes that are judged at the
door, never a pickle of a worker's making (`shipment.py`; docs/distributed.md says what Dask
itself still unpickles). Building and measuring stay here, so that a row is made by the code
that asked for it. The workers need anaspike and ngspice, and no models: those travel with the
decks, each set once to each worker.
"""

import asyncio
import threading
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from types import TracebackType
from typing import Any

from distributed import Client, Future, Worker, WorkerPlugin, get_worker, rpc
from distributed.core import RPCClosed
from distributed.security import Security

from anaspike.campaign.keys import engine_state
from anaspike.campaign.shipment import NoAnswer, packed, unpacked
from anaspike.errors import InputError
from anaspike.spice.deck import Deck
from anaspike.spice.failures import Cancelled, SimulationFailure, WorkerLost
from anaspike.spice.ngspice.run import Ngspice
from anaspike.spice.ngspice.version import NgspiceVersion
from anaspike.spice.waveforms import Waveforms

_CONNECT_S = 10.0
_LOOK_S = 5.0  # how often a task that takes long is asked whether there is still a worker
_PATIENCE_S = 60.0  # how long a cluster may be without any
# What is asked for may come back in these alone. "pickle" is not among them, nor "dask", whose
# headers hold a pickle too; "error" is a text.
_READ = ["msgpack", "error"]


class Cluster:
    """The ngspice of a cluster's workers; safe to share between threads.

    Args:
        client: connected to its scheduler.
        timeout_s: wall-clock limit of one run, in seconds.

    Attributes:
        name, version, identity: of the workers' ngspice, which is the same on all.
        slots: how many decks its workers run at once.
    """

    name = Ngspice.name

    def __init__(self, client: Client, timeout_s: float) -> None:
        self._client = client
        self._name = f"anaspike-{uuid.uuid4().hex}"
        self._lock = threading.Lock()
        self._texts: dict[str, Future] = {}
        self._tasks: set[Future] = set()
        self._cancelled = False
        self.slots = sum(client.nthreads().values())
        if not self.slots:
            raise InputError("the scheduler has no workers; start some: dask worker ADDRESS")
        _check_software(client)
        self.version, self.identity = _one_ngspice(client)
        client.register_plugin(_Simulator(timeout_s, self.identity), self._name)

    @classmethod
    def connect(cls, address: str, timeout_s: float) -> "Cluster":
        """Return the cluster whose scheduler listens at an address.

        Raises:
            InputError: nothing answers there, or its workers will not do.
        """
        try:
            # Asked first: a client that finds nothing there cannot be closed in time.
            asyncio.run(asyncio.wait_for(_ask_identity(address), _CONNECT_S))
            client = Client(address, timeout=_CONNECT_S, set_as_default=False, deserializers=_READ)
        except (OSError, ValueError, TypeError, ImportError, RPCClosed) as error:
            raise InputError(
                f"no Dask scheduler answers at {address} ({_first_line(error)});"
                " start one with `dask scheduler` and give its tcp://host:port"
            ) from None
        try:
            return cls(client, timeout_s)
        except BaseException:
            client.close()
            raise

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cancel()
        self._client.close()

    def run(self, deck: Deck) -> Waveforms:
        """Run a deck on some worker and return every vector it asks for.

        Raises:
            SimulationFailure: of the kind that says why not; `WorkerLost` when
                the workers that tried died, or none is left.
        """
        parts = asdict(deck)
        texts = self._shipped(deck.digest_of_texts, {n: parts.pop(n) for n in ("models", "files")})
        with self._lock:
            if self._cancelled:
                raise Cancelled("the run was cancelled before it started")
            task = self._client.submit(
                _run_there, self._name, parts, texts, key=f"{self._name}-{uuid.uuid4().hex}"
            )
            self._tasks.add(task)
        try:
            return unpacked(self._result(task), deck)
        except NoAnswer as error:
            raise WorkerLost(f"a worker answered with what is no answer: {error}") from None
        finally:
            with self._lock:
                self._tasks.discard(task)
            task.release()

    def cancel(self) -> None:
        """Kill every run of ours on the cluster; further ones fail at once."""
        with self._lock:
            already, self._cancelled = self._cancelled, True
            tasks = list(self._tasks)
        if already:
            return
        with suppress(Exception):  # a cluster that is gone runs nothing of ours
            self._client.cancel(tasks, force=True)
            self._client.unregister_worker_plugin(self._name)

    def _shipped(self, digest: str, texts: Mapping[str, Any]) -> Future:
        """Return models and files as a task of their own: they go to each worker once."""
        with self._lock:
            if digest not in self._texts:
                self._texts[digest] = self._client.submit(
                    _same, texts, key=f"{self._name}-texts-{digest}"
                )
            return self._texts[digest]

    def _result(self, task: Future) -> object:
        alone_s = 0.0
        while True:
            try:
                found: object = task.result(timeout=_LOOK_S)
                return found
            except TimeoutError:
                alone_s = 0.0 if self._has_workers() else alone_s + _LOOK_S
                if alone_s >= _PATIENCE_S:
                    raise WorkerLost(f"no worker for {_PATIENCE_S:g} s") from None
            except Exception as error:
                if self._cancelled:
                    raise Cancelled("the run was cancelled") from None
                raise WorkerLost("the cluster lost the run", _first_line(error)) from None

    def _has_workers(self) -> bool:
        try:
            return bool(self._client.nthreads())
        except Exception:
            return False


class _Simulator(WorkerPlugin):  # type: ignore[misc]  # its type is not known
    """A worker's own ngspice, for as long as one campaign lasts."""

    def __init__(self, timeout_s: float, identity: str) -> None:
        self.timeout_s = timeout_s
        self.identity = identity
        self.ngspice: Ngspice | None = None

    def setup(self, worker: Worker) -> None:
        """Find it; a worker that came later must have the same."""
        self.ngspice = Ngspice.find(self.timeout_s)
        if self.ngspice.identity != self.identity:
            raise InputError(f"{worker.address} has {self.ngspice.identity}, not {self.identity}")

    def teardown(self, worker: Worker) -> None:
        """Kill what still runs."""
        if self.ngspice is not None:
            self.ngspice.cancel()


async def _ask_identity(address: str) -> None:
    tls = Security().get_connection_args("client")  # as Dask's configuration has it
    async with rpc(address, timeout=_CONNECT_S, connection_args=tls) as scheduler:
        await scheduler.identity()


def _run_there(plugin: str, parts: Mapping[str, Any], texts: Mapping[str, Any]) -> bytes:
    """Run a deck on this worker; return vectors, or a failure, as `shipment.packed` does."""
    deck = Deck.from_dict({**parts, **texts})
    try:
        return packed(get_worker().plugins[plugin].ngspice.run(deck))
    except SimulationFailure as failure:
        return packed(failure)


def _same(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return value


def _describe() -> tuple[str, int, int, str]:
    """Return this worker's ngspice and the state of the code that runs it."""
    ngspice = Ngspice.find()
    return ngspice.identity, ngspice.version.major, ngspice.version.minor, engine_state()


def _check_software(client: Client) -> None:
    try:
        client.get_versions(check=True)
    except ValueError as error:
        shown = " ".join(str(error).split())
        raise InputError(f"client, scheduler and workers differ: {shown}") from None


def _one_ngspice(client: Client) -> tuple[NgspiceVersion, str]:
    """Return the ngspice that all workers have.

    Raises:
        InputError: they have none, or not the same, or another anaspike.
    """
    found = _everywhere(client, _describe)
    for worker, (*_, state) in found.items():
        if state != engine_state():
            raise InputError(
                f"worker {worker} runs another state of anaspike than this machine;"
                " install the same on both"
            )
    if len({identity for identity, *_ in found.values()}) > 1:
        listed = ", ".join(f"{worker}: {identity}" for worker, (identity, *_) in found.items())
        raise InputError(f"the workers have different simulators: {listed}")
    identity, major, minor, _ = next(iter(found.values()))
    return NgspiceVersion(major, minor), identity


def _everywhere(
    client: Client, ask: Callable[[], tuple[str, int, int, str]]
) -> dict[str, tuple[str, int, int, str]]:
    try:
        answers: dict[str, tuple[str, int, int, str]] = client.run(ask)
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"a worker cannot run anaspike ({_first_line(error)});"
            " install the same anaspike on every worker"
        ) from None
    return answers


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
