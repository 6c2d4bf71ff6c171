"""`train`: tune a spiking network to a data set, beside all that is simpler than it."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar

import pandas as pd
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field

from anaspike.campaign.answer import Drawing, Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.outcome import REFUSED
from anaspike.campaign.quantities import Quantity
from anaspike.errors import InputError
from anaspike.learning.datasets.base import Dataset
from anaspike.learning.datasets.catalog import check_name, load_dataset
from anaspike.learning.images import UNKNOWN
from anaspike.learning.judging import (
    HEAD_ALONE,
    ON_FEATURES,
    ON_INPUTS,
    STRAIGHT,
    baselines,
    history_of,
    tuned,
)
from anaspike.learning.settings import FEED_FORWARD, SPIKING, VARIANTS, Settings
from anaspike.learning.start import Start
from anaspike.learning.tasks import Recipe, Task, recipe_for
from anaspike.report.training import settings_figure, training_figure
from anaspike.studies.base import Bytes, Count, Study
from anaspike.studies.learning.trainings import (
    Learned,
    classes_table,
    counted,
    history_table,
    learn,
    make_tasks,
    run_table,
    score_table,
    training_calls,
)
from anaspike.units import parse_quantity, parse_whole, printable


def _rates(values: Any) -> Any:
    return tuple(parse_quantity(value, "", "rates") for value in values)


def _batches(values: Any) -> Any:
    return tuple(parse_whole(value, "batches") for value in values)


_MOST_TRAININGS = 100_000
_ARGMAX = (
    "argmax: the neuron nearest to firing, which is what a read-out would give that ramps the"
    " supply of the outputs until one class wins; exact match is what the circuit gives"
)
_SAME_AS = {"none": "head alone", "tft": "full fine-tuning"}


class LearningStudy(Study):
    """A study of what is learned: it asks SPICE nothing.

    Attributes:
        data: folder of images, where a data set has any.
        max_size_B: what a file may unpack to.  [default: as `anaspike.bounds` says]
        seed: of the first repeat: split, source network, order of samples.
        repeat: trainings of each setting, each with a seed and a fold of its own.
    """

    simulates: ClassVar[bool] = False

    data: Path | None = None
    max_size_B: Bytes | None = None
    seed: int = 0
    repeat: Annotated[Count, Field(le=1000)] = 1

    def check(self) -> None:
        """Refuse numbers that are none."""
        if self.repeat < 1 or self.seed < 0:
            raise InputError(f"{self.name}: seeds count from 0, and `repeat` from 1")


class Train(LearningStudy):
    """Settings in a grid, each trained once or several times, judged on held-out samples.

    Attributes:
        dataset: a data set's name, or an npz table of features.
        source, inputs: of the source network; what suits the data set where not given.
        variant: spiking, or feed-forward (section 4).
        methods, rules, rates, batches: every combination is trained. No rates are those that
            suit method and rule.
        epochs: of each training.
        votes: outputs of each class; what suits the rule where not given.
        start: a network to start from instead of one that is pre-trained here.
        head: whether it gets a new output layer.
        outputs: which of its outputs stands for each class.
        scale: spread that its drives are given, in units of theta.
        checkpoint: file that a single training goes on from.
    """

    name: ClassVar[str] = "train"
    title: ClassVar[str] = "A network tuned to a data set, beside all that is simpler"

    dataset: str
    source: str | None = None
    inputs: str | None = None
    variant: str = SPIKING
    methods: tuple[str, ...] = ("nt1",)
    rules: tuple[str, ...] = ("windowed",)
    rates: Annotated[tuple[float, ...], BeforeValidator(_rates)] = ()
    batches: Annotated[tuple[int, ...], BeforeValidator(_batches)] = (64,)
    epochs: Count = 100
    votes: Count | None = None
    start: Path | None = None
    head: bool = False
    outputs: tuple[int, ...] | None = None
    scale: float | None = None
    checkpoint: Path | None = None

    def check(self) -> None:
        """Refuse, before anything is trained, what cannot be."""
        super().check()
        if not self.dataset.endswith(".npz"):
            check_name(self.dataset)
        for name in ("methods", "rules", "batches"):
            if not getattr(self, name):
                raise InputError(f"train: `{name}` is empty; name one")
        if self.variant not in VARIANTS:
            known = ", ".join(VARIANTS)
            raise InputError(f"unknown variant '{printable(self.variant)}'; choose one of {known}")
        trainings = len(self.settings()) * self.repeat
        if trainings > _MOST_TRAININGS:
            raise InputError(f"{trainings} trainings are too many; use at most {_MOST_TRAININGS}")
        if self.checkpoint is not None and trainings > 1:
            raise InputError(
                f"`checkpoint` is of one training, and this is {trainings}; leave it out: the cache"
                " keeps what is interrupted"
            )
        self._check_start()
        if self.variant == FEED_FORWARD:
            for name, why in (("rules", "learns by Adam"), ("votes", "has one output a class")):
                if getattr(self, name) != type(self).model_fields[name].default:
                    raise InputError(f"a feed-forward network {why}; leave out `{name}`")
        self._recipe(Recipe())  # refuses what is unknown

    def _check_start(self) -> None:
        """Refuse what would be asked of a network to start from, and is not used."""
        if self.start is None:
            if self.outputs is not None or self.scale is not None:
                raise InputError(
                    "`outputs` and `scale` are of a network to start from; give `start`"
                )
            return
        for name in ("source", "inputs"):
            if getattr(self, name) is not None:
                raise InputError(f"a network to start from has its {name}; leave out `{name}`")
        if self.votes is not None and not self.head:
            raise InputError(
                "only a new head has several outputs a class; leave out `votes` or give `head`"
            )

    def settings(self) -> list[Settings]:
        """Return every combination asked for.

        Raises:
            InputError: one that cannot be.
        """
        asked = [
            Settings(method, rule, rate, None, self.epochs, batch, self.seed, self.variant)
            for rule in self._rules
            for method in self.methods
            for rate in self.rates or (None,)
            for batch in self.batches
        ]
        return list(dict.fromkeys(asked))

    def find(self, bench: Bench) -> Findings:
        """Train, and judge once on the test samples."""
        self.check()
        settings = self.settings()
        dataset = load_dataset(self.dataset, self.data, max_size_B=self.max_size_B, jobs=bench.jobs)
        begin = self._start()
        by_rule = {
            rule: make_tasks(
                bench, dataset, self.seed, self.repeat,
                self._recipe(recipe_for(dataset, rule)), begin,
            )
            for rule in self._rules
        }  # fmt: skip
        tasks = {setting: by_rule[setting.rule] for setting in settings}
        bench.say("training")
        alone = len(settings) * self.repeat == 1
        with tempfile.TemporaryDirectory(prefix="anaspike-") as folder:
            files = [self._file(bench, tasks, settings, folder)] if alone else []
            learned = learn(bench, tasks, self._beside(tasks), files)
            if self.checkpoint is not None and learned[0].outcome.status == REFUSED:
                raise InputError(learned[0].outcome.message)
            arrays = _network(learned[0], files[0]) if alone and learned[0].outcome.ok else {}
        return self._findings(dataset, learned, arrays)

    @property
    def _rules(self) -> tuple[str, ...]:
        """The rules; a feed-forward network has one of its own."""
        return ("windowed",) if self.variant == FEED_FORWARD else self.rules

    def _recipe(self, suits: Recipe) -> Recipe:
        given = {name: getattr(self, name) for name in ("source", "inputs", "votes")}
        given["head"] = self.head or None
        changes = {name: value for name, value in given.items() if value is not None}
        return replace(suits, variant=self.variant, **changes)

    def _start(self) -> Start | None:
        if self.start is None:
            return None
        return Start.read(self.start, self.head, self.outputs, self.scale, self.max_size_B)

    def _file(
        self, bench: Bench, tasks: dict[Settings, list[Task]], settings: list[Settings], folder: str
    ) -> Path:
        """Return where a single training is kept, which leaves its network behind."""
        if self.checkpoint is not None:
            return self.checkpoint
        (call,) = training_calls(tasks[settings[0]], settings[0])
        return bench.place_of(call) or Path(folder) / "training.npz"

    def _beside(self, tasks: dict[Settings, list[Task]]) -> dict[str, tuple[str, Settings]]:
        """Return what the trainings are held against, and by which rule each learns."""
        beside: dict[str, tuple[str, Settings]] = {}
        for setting, own in tasks.items():
            asked = [_SAME_AS.get(one.method, "") for one in tasks if one.rule == setting.rule]
            for what in baselines(own[0], setting, asked):
                learns = len(self._rules) > 1 and what not in (ON_INPUTS, ON_FEATURES)
                name = f"{what}, {setting.rule}" if learns else what
                beside.setdefault(name, (what, setting))
        return beside

    def _findings(
        self, dataset: Dataset, learned: list[Learned], arrays: dict[str, NDArray[Any]]
    ) -> Findings:
        scores = score_table(learned)
        trained = [one for one in learned if one.setting is not None]
        done = [one for one in trained if one.outcome.ok]
        tables = {"scores": scores, "runs": run_table(learned), "classes": classes_table(learned)}
        history = history_table(learned)
        if len(history):
            tables["history"] = history
        return Findings(
            tables,
            _quantities(scores),
            self._figures(dataset, scores, trained, done),
            notes=(
                *_notes(learned[0].task, self.repeat),
                *dataset.notes,
            ),
            show=(
                *("what", "rule", "rate", "batch", "accuracy", "balanced", "balanced_low"),
                *("balanced_high", "argmax_balanced", "validation_balanced", "best_epoch"),
            ),
            arrays={"network": arrays} if arrays else {},
        )

    def _figures(
        self, dataset: Dataset, scores: pd.DataFrame, trained: list[Learned], done: list[Learned]
    ) -> dict[str, Drawing]:
        if not done:
            return {}
        task = done[0].task
        unclean = "" if task.clean else "; validation is not clean"
        whose = "1 network" if self.repeat == 1 else f"{self.repeat} networks"
        if len({one.setting for one in trained}) == 1:
            history = history_of(done[0].outcome.row)
            title = f"{dataset.name}: {done[0].what}, {_how(done[0])}, {whose}{unclean}"
            kept = history[int(str(done[0].outcome.row["best_epoch"]))]
            return {
                "training": partial(
                    training_figure, history, kept, counted(done), task.classes, title
                )
            }
        title = f"{dataset.name}: {whose} each, test samples pooled, 95 %{unclean}"
        return {"settings": partial(settings_figure, scores, title)}


def _how(one: Learned) -> str:
    assert one.setting is not None  # noqa: S101  # only trainings are drawn
    return "Adam" if one.setting.variant == FEED_FORWARD else f"{one.setting.rule} rule"


def _network(one: Learned, file: Path) -> dict[str, NDArray[Any]]:
    """Return the network of a training that has just been run, with its encoder."""
    assert one.setting is not None  # noqa: S101  # the caller's case
    network = tuned(one.task, one.setting, None, file).network
    return {**network.arrays(), **(one.task.encoder.arrays() if one.task.encoder else {})}


def _quantities(scores: pd.DataFrame) -> dict[str, Quantity]:
    """Return the figures of the setting that is best on the validation samples."""
    found = scores[scores["status"] == "ok"]
    if "validation_balanced" not in found or not found["validation_balanced"].notna().any():
        return {"accuracy": None, "balanced": None, "argmax_balanced": None,
                "gained_over_simpler": None}  # fmt: skip
    best = found.sort_values("validation_balanced", na_position="first").iloc[-1]
    simpler = found[found["what"].str.startswith((HEAD_ALONE, STRAIGHT))]["balanced"]
    return {
        "accuracy": float(best["accuracy"]),
        "balanced": float(best["balanced"]),
        "argmax_balanced": float(best["argmax_balanced"]),
        "gained_over_simpler": float(best["balanced"] - simpler.max()) if len(simpler) else None,
    }


def _notes(task: Task, repeats: int) -> Sequence[str]:
    network = task.network
    sizes = [len(part.labels) for part in (task.train, task.validation, task.test)]
    layers = "-".join(str(n) for n in (network.n_inputs, *(len(x.weights) for x in network.layers)))
    unclean = "" if task.clean else " (sources unknown: not clean)"
    unknown = (task.groups == UNKNOWN).any()
    judged = "their sources are unknown, so there is no interval" if unknown else (
        "95 % intervals by drawing sources"
    )  # fmt: skip
    several = f"of {repeats} repeats pooled, " if repeats > 1 else ""
    exact = (
        "right only where the right output fires and no other"
        if network.votes == 1
        else f"{network.votes} outputs a class; right where most fire of the right class"
    )
    return (
        f"source: {task.source}",
        f"network {layers}; samples of a repeat: {sizes[0]} train, {sizes[1]} validation{unclean},"
        f" {sizes[2]} test",
        *(() if task.variant == FEED_FORWARD else (f"exact match: {exact}", _ARGMAX)),
        f"balanced: mean over the classes; test samples {several}{judged}; the epoch is the best on"
        " the validation samples",
    )
