"""What every study has in common: checked parameters in, an answer out."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Self, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    ValidationError,
    ValidationInfo,
    field_serializer,
    field_validator,
    model_validator,
)

from anaspike.campaign.answer import Answer, Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.provenance import provenance
from anaspike.campaign.specs import Spec, for_process, judge, unjudged
from anaspike.circuits.block import Layouts
from anaspike.circuits.designs import (
    Design,
    design_for,
    resized,
    size_given,
    sizes_of,
    tables_of,
)
from anaspike.errors import InputError, foremost, reason_of
from anaspike.pdk.catalog import open_pdk
from anaspike.pdk.roles import Pdk
from anaspike.spice.modules import Module
from anaspike.units import (
    printable,
    quantity_reader,
    suggestion,
    unit_of,
    whole_reader,
)

# Numbers in base units; text with SI suffix and unit is taken too: "50n", "0.65V".
Volt = Annotated[float, BeforeValidator(quantity_reader("V"))]
Second = Annotated[float, BeforeValidator(quantity_reader("s"))]
Farad = Annotated[float, BeforeValidator(quantity_reader("F"))]
Ampere = Annotated[float, BeforeValidator(quantity_reader("A"))]
Ohm = Annotated[float, BeforeValidator(quantity_reader("ohm"))]
Hertz = Annotated[float, BeforeValidator(quantity_reader("Hz"))]
Bytes = Annotated[float, BeforeValidator(quantity_reader("B"))]
Celsius = Annotated[float, BeforeValidator(quantity_reader("C"))]
Whole = Annotated[int, BeforeValidator(whole_reader())]
Count = Annotated[int, BeforeValidator(whole_reader()), Field(le=100_000)]

# A study that reads files has a field of this name: the folder of the flow that asks it.
FOLDER = "flow_folder"
_NO_VARIABLES = {"pdk", "sizes", "sized", "layout", "fast", FOLDER}


class Study(BaseModel):
    """A question with its parameters; subclasses are registered in `studies.catalog`.

    Attributes:
        pdk: name of the process.
        sizes: dotted name of a size of the neuron -> what it is instead of the
            design's own: "comparator.input_pair.w_m" -> "3u"; what kind a transistor is, too:
            "comparator.input_pair.role" -> "pmos_lvt".
        sized: a design of the user's, instead of the process's own; `read_design` gives one.
        layout: blocks as they are drawn, where not as they are sized: a GDS file, "generated", or
            what `layout_asked` makes of either.
        fast: as the process's named approximation, which sky130 alone has; the title
            of all that comes of it says so.

    Raises:
        InputError: at construction, on an unknown or impossible parameter.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)

    name: ClassVar[str]
    title: ClassVar[str]
    # Parameter -> which of the design's synapse supplies it is, where it is not given.
    by_design: ClassVar[Mapping[str, str]] = {}
    # Parameters that are tables, whose entries conditions may set: `sizes.membrane_F`.
    tables: ClassVar[tuple[str, ...]] = ("sizes",)
    # Whether it asks SPICE anything; one that does not needs no simulator.
    simulates: ClassVar[bool] = True

    pdk: str = "generic28"
    sizes: dict[str, float | str] = Field(default_factory=dict)
    sized: InstanceOf[Design] | None = None
    layout: InstanceOf[Layouts] | None = None
    fast: bool = False

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, given: Any) -> Any:
        """Fill in the supplies of a process whose design is for others than the class names."""
        fields = cls.model_fields
        given = {k: v for k, v in given.items() if v is not None or k not in cls.by_design}
        try:
            pdk = str(given.get("pdk", fields["pdk"].default))
            supplies = (given.get("sized") or design_for(pdk)).supplies
        except (InputError, AttributeError):  # it is said where the process is opened
            return given
        own = {name: getattr(supplies, which) for name, which in cls.by_design.items()}
        others = {name: volt for name, volt in own.items() if volt != fields[name].default}
        return {**others, **given}

    @field_validator("*", mode="before")
    @classmethod
    def _read_numbers(cls, value: Any, field: ValidationInfo) -> Any:
        """Read plain `float` and `int` fields too, in the unit that their name ends with."""
        name = field.field_name or ""
        return _numbers_in(value, cls.model_fields[name].annotation, unit_of(name))

    @field_validator("sizes", mode="before")
    @classmethod
    def _read_sizes(cls, sizes: Any) -> Any:
        if not isinstance(sizes, dict):
            return sizes
        try:
            return {name: size_given(name, value) for name, value in sizes.items()}
        except InputError as error:
            raise ValueError(str(error)) from None

    @field_validator("layout", mode="before")
    @classmethod
    def _read_layout(cls, layout: Any) -> Any:
        if not isinstance(layout, str):
            return layout
        from anaspike.layout.given import layout_asked  # noqa: PLC0415  # few ask for layouts

        return layout_asked(layout)

    def __init__(self, /, **parameters: Any) -> None:
        try:
            super().__init__(**parameters)
        except ValidationError as error:
            raise InputError(_one_line(error, type(self))) from None

    @model_validator(mode="after")
    def _check_sized(self) -> Self:
        """Refuse a design of another process before anything is made of the study."""
        if self.sized is not None:
            _ = self.design_in(self.sized.pdk)
        return self

    @model_validator(mode="after")
    def _check_layout(self) -> Self:
        """Refuse a process that nothing is drawn in before anything is made of the study."""
        if self.layout is not None:
            from anaspike.layout.process import layout_process  # noqa: PLC0415

            for name in self.processes():
                layout_process(name)
        return self

    @field_serializer("layout")
    def _as_parts(self, layout: Layouts | None) -> Any:
        """Return what layouts are, for the manifest: by content, not by place."""
        return None if layout is None else dict(layout.parts())

    @field_serializer("sized")
    def _as_tables(self, sized: Design | None) -> dict[str, Any] | None:
        """Return what a design holds, for the manifest: a file may be gone, or be another."""
        return None if sized is None else tables_of(sized)

    @property
    def process(self) -> Pdk:
        """The process: its models found, on the design's core supply, its blocks drawn or not."""
        return self.process_named(self.pdk)

    def process_named(self, pdk: str) -> Pdk:
        """Return one of the study's processes.

        Raises:
            InputError: its models are not on this machine.
        """
        opened = open_pdk(pdk, fast=self.fast).on_core(self.design_in(pdk).core_V)
        return opened if self.layout is None else opened.laid_out(self.layout)

    @property
    def modules(self) -> tuple[Module, ...]:
        """Compiled models that a simulator needs for it; mostly none."""
        return self.process.osdi()

    @property
    def design(self) -> Design:
        """The neuron as sized for the process, with the sizes that were asked for."""
        return self.design_in(self.pdk)

    def design_in(self, pdk: str) -> Design:
        """Return the neuron in one of the study's processes.

        Raises:
            InputError: the user's design is for a process that is not asked, or a size is none.
        """
        sized = self.sized
        if sized is not None and sized.pdk not in self.processes():
            raise InputError(
                f"the design is for {printable(sized.pdk)}, and {self.name} is asked on"
                f" {', '.join(map(printable, self.processes()))}; give the process that it is for"
            )
        own = sized if sized is not None and sized.pdk == pdk else design_for(pdk)
        return resized(own, self.sizes)

    def processes(self) -> tuple[str, ...]:
        """Return the names of the processes that it is asked on."""
        return (self.pdk,)

    def check(self) -> None:
        """Refuse, before anything is run or written, what the circuit would refuse.

        Raises:
            InputError: the PDK is missing, or a condition cannot be simulated.
        """
        self.process.source  # noqa: B018

    def parameters(self) -> dict[str, Any]:
        """Return what was asked for, in base units, for the manifest."""
        return self.model_dump(mode="json", exclude=None if self.layout else {"layout"})

    def approximated(self) -> Self:
        """Return the same question, asked of the process's named approximation."""
        return self._with(fast=True)

    def under(self, condition: Mapping[str, Any]) -> Self:
        """Return the same question under other conditions.

        A study that goes through several values by itself (`corners`, `mc`)
        goes through the one given; a size of the design is `sizes.<its name>`, and what
        stands in another of the study's tables likewise.

        Args:
            condition: parameter -> value.

        Raises:
            InputError: an unknown or impossible parameter.
        """
        study = self
        for name, value in condition.items():
            table, dot, key = name.partition(".")
            if dot and table in study.tables:
                study = study._with(**{table: {**getattr(study, table), key: value}})
            else:
                study = study.through(name, (value,)) or study._with(**{name: value})
        return study

    def through(self, name: str, values: Sequence[Any]) -> Self | None:
        """Return the study going through several values by itself; None where it does not.

        Args:
            name: of one of them: `corner`, `temperature_C`, `seed`.
            values: to go through; seeds follow one another.
        """
        fields, plural = type(self).model_fields, _plural(name)
        if name == "seed" and "mc" in fields:
            return self._with(mc=len(values), seed=values[0])
        if name not in fields and plural in fields:
            return self._with(**{plural: tuple(values)})
        return None

    def _with(self, /, **changes: Any) -> Self:
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self)(**{**given, **changes})

    def variable(self, name: str) -> str:
        """Return the name of a parameter or size that conditions may set.

        Raises:
            InputError: there is none of that name; the nearest is suggested.
        """
        fields = [field for field in type(self).model_fields if field not in _NO_VARIABLES]
        table, _, size = name.partition(".")
        if table == "sizes":
            known = sizes_of(self.design)
            if size not in known:
                _ = resized(self.design, {size: 1.0})  # says what may have been meant
        elif name not in fields and _plural(name) not in fields:
            raise InputError(
                f"{self.name} has no parameter '{printable(name)}'; {suggestion(name, fields)}"
            )
        return name

    @abstractmethod
    def find(self, bench: Bench) -> Findings:
        """Run what is needed and return what was found."""

    def specs(self) -> tuple[Spec, ...]:
        """Return the limits that the project itself sets; a flow may set its own.

        One that holds on one process alone names it: elsewhere it is said not to be judged.
        """
        return ()

    def answer(self, bench: Bench, specs: Sequence[Spec] | None = None) -> Answer:
        """Answer the question.

        Args:
            bench: where the points run.
            specs: limits to judge by instead of the project's own.

        Raises:
            InputError: a parameter that only the circuit could refuse.
        """
        return self.judged(self.find(bench), bench, specs)

    def judged(
        self, findings: Findings, bench: Bench, specs: Sequence[Spec] | None = None
    ) -> Answer:
        """Return findings as an answer: judged, with what they were made with."""
        found = findings.as_judged()
        asked = self.specs() if specs is None else specs
        here = for_process(asked, self.pdk)
        return Answer(
            self.name,
            self.title,
            found,
            judge(here, found.quantities),
            self.manifest(bench),
            bench.decks,
            unjudged(asked, here, found.quantities),
            self.process.approximation,
        )

    def manifest(self, bench: Bench) -> dict[str, Any]:
        """Return what the bench's points were made with, ready for JSON.

        Raises:
            InputError: a layout was given, and nothing that was asked is drawn in it.
        """
        if self.layout is not None:
            self.layout.check_used(self.name)
        manifest = provenance(
            self.name, bench.simulator, self.process, self.parameters(), bench.outcomes
        )
        return {**manifest, "interrupted": bench.interrupted}


def _numbers_in(value: Any, kind: Any, unit: str) -> Any:
    """Return a field's value, its numbers read; what is to hold none is returned as it is."""
    if get_origin(kind) in {Union, UnionType}:  # of a number and None
        kinds = [member for member in get_args(kind) if member is not NoneType]
        kind = kinds[0] if len(kinds) == 1 else None
    if value is None:
        return None
    if kind is float:
        return quantity_reader(unit)(value)
    if kind is int:
        return whole_reader()(value)
    several = get_origin(kind) is tuple and isinstance(value, list | tuple)
    if several and get_args(kind)[0] in {float, int}:
        return tuple(_numbers_in(each, get_args(kind)[0], unit) for each in value)
    return value


def _plural(name: str) -> str:
    """Return `corners` for `corner` and `temperatures_C` for `temperature_C`."""
    unit = unit_of(name)
    return f"{name.removesuffix(f'_{unit}')}s_{unit}" if unit else f"{name}s"


def _one_line(error: ValidationError, study: type[Study]) -> str:
    """Return the first thing that is wrong, as one line."""
    first = foremost(error.errors())
    where = ".".join(str(part) for part in first["loc"]) or "parameters"
    if first["type"] == "extra_forbidden":
        hint = suggestion(where, study.model_fields)
        return f"{study.name} has no parameter '{printable(where)}'; {hint}"
    return f"{study.name}: {printable(where)}: {reason_of(first['type'], first['msg'])}"
