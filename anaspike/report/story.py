"""In which order the page asks its questions, and why each is asked.

Studies know the report, not the report them: they are named here as their answers name them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_FURTHER = "Further questions"


@dataclass(frozen=True)
class Question:
    """What a study asks, as the page tells it.

    Attributes:
        chapter: of the story.
        asked: the question, for people; "" where the answer's own title must do.
        why: the reason that it is asked.
    """

    chapter: str
    asked: str = ""
    why: str = ""


_NEURON, _BLOCKS, _DISTURBED = "The neuron", "Its blocks", "What disturbs it"
_NETWORKS, _LEARNING = "Networks of it", "What it learns"
_OTHERS = "Circuits that others drew"

STORY: Mapping[str, Question] = {
    "table9": Question(
        _NEURON,
        "How does it stand beside the paper's neuron, and those since?",
        "Area, highest rate and energy are what published neurons can be compared by.",
    ),
    "sweep-vdd": Question(
        _NEURON,
        "Does a synapse's supply tune the neuron?",
        "It is the paper's idea: a higher supply gives more charge a spike, so more spikes out.",
    ),
    "energy": Question(
        _NEURON,
        "What does a spike cost, and where does the energy go?",
        "Low power is the reason to build it in analog; each consumer is counted, references too.",
    ),
    "neuron": Question(
        _NEURON,
        "How fast does it fire for its input?",
        "A model of it needs its gain, its refractory time, its leak and its highest rate.",
    ),
    "layout": Question(
        _NEURON,
        "What does drawing it change?",
        "Estimated wires are a guess; a drawn neuron has fingers, wells and real capacitances.",
    ),
    "synapse": Question(
        _BLOCKS,
        "Does the synapse's current follow code and supply?",
        "k(V), the weight's factor over the supply, is what turns trained values into volts.",
    ),
    "pseudo-resistor": Question(
        _BLOCKS,
        "Is the membrane's leak slow, and the same both ways?",
        "Too small a resistance forgets an input before the next one comes.",
    ),
    "leak": Question(
        _BLOCKS,
        "How long does a membrane keep its charge?",
        "The leak goes exponentially with temperature and threshold: corners decide.",
    ),
    "comparator": Question(
        _BLOCKS,
        "Where, how fast and how surely does the threshold decide?",
        "An offset moves every neuron's threshold; what kicks back moves its membrane.",
    ),
    "spike-generator": Question(
        _BLOCKS,
        "Is a spike as wide everywhere?",
        "A spike's charge goes with its width, so a width that moves is a weight that moves.",
    ),
    "weight-memory": Question(
        _BLOCKS,
        "Are weights stored as they were written?",
        "Codes must outlive dips of their supply and cost little while they are kept.",
    ),
    "noise": Question(
        _DISTURBED,
        "How much noise is there at a decision?",
        "It bounds how small a weight's step may be.",
    ),
    "supply": Question(
        _DISTURBED,
        "What must drive a domain of synapses?",
        "A supply that carries the tuning must not move as the synapses draw from it.",
    ),
    "rejection": Question(
        _DISTURBED,
        "What does a supply or reference that is off move?",
        "No chip's core supply and references are exact.",
    ),
    "xor-test": Question(
        _NETWORKS,
        "Does a small network decide right?",
        "XOR needs excitation, inhibition and a threshold at once: the paper's own test.",
    ),
    "simulate-network": Question(
        _NETWORKS,
        "What does a network of one's own do?",
        "Every neuron of it at transistor level, as it was drawn.",
    ),
    "calibrate": Question(
        _NETWORKS,
        "Can a chip that came out wrong be mended by its supplies?",
        "What the tuning is worth to a designer: yield before and after.",
    ),
    "tune-in-loop-xor": Question(
        _NETWORKS,
        "Can a chip of transistors find its supplies by itself?",
        "From its own spikes alone, all supplies alike at the start: learning in situ, small.",
    ),
    "train": Question(
        _LEARNING,
        "What is neuromodulatory tuning worth?",
        "Only beside all that is simpler does a score say anything.",
    ),
    "paper-table": Question(
        _LEARNING,
        "Do the paper's tables come out again?",
        "Its figures beside ours, from the same data.",
    ),
    "charge-model": Question(
        _LEARNING,
        "Can a fast model stand in for SPICE?",
        "A mapped network is judged on thousands of inputs; the model must decide as SPICE does.",
    ),
    "charge-in-time": Question(
        _LEARNING,
        "Does the fast model remember as a membrane does?",
        "An error of one window stays on the membrane; the model must follow SPICE all the way.",
    ),
    "map": Question(
        _LEARNING,
        "Can a trained network be put on supply voltages?",
        "Codes and a few volts must say what its weights said.",
    ),
    "map-in-time": Question(
        _LEARNING,
        "Can a network trained over many steps be put on supply voltages?",
        "The circuit leaks and resets by itself; the period of its windows is what makes beta.",
    ),
    "train-and-map": Question(
        _LEARNING,
        "From features to volts: what is lost on the way?",
        "Training, codes, converter, mismatch and SPICE, each step with its loss.",
    ),
    "tune-in-loop": Question(
        _LEARNING,
        "Can a chip that is slow, mismatched or warm learn its supplies?",
        "Learning in situ is the paper's long-term goal: spikes are all that it needs to see.",
    ),
    "netlist": Question(
        _OTHERS,
        "What does a circuit do that others drew?",
        "A sub-circuit as it is, its transistors the process's: corners and mismatch hold for it.",
    ),
    "calibrate-netlist": Question(
        _OTHERS,
        "Can a chip of it that came out wrong be mended by one source?",
        "One level a chip is what a designer can trim.",
    ),
}


def study_in(name: str) -> str:
    """Return the study of an answer's name, which of several conditions names these too."""
    return name.partition("-over-")[0]


def question_of(study: str) -> Question:
    """Return what a study asks; of one that nobody here knows, only that it is one more."""
    return STORY.get(study, Question(_FURTHER))


def of_ours(studies: Iterable[str]) -> set[str]:
    """Return the studies that ask of anaspike's own neuron, and not of circuits that others drew.

    What the story does not know, a search or a user's own study, is of what the others are of.
    """
    chapters = {study: question_of(study).chapter for study in studies}
    own = {study for study, chapter in chapters.items() if chapter != _OTHERS}
    known = any(chapters[study] != _FURTHER for study in own)
    return own if known or len(own) == len(chapters) else set()


def in_order(studies: Iterable[str]) -> list[str]:
    """Return studies in the order in which they tell the story; others last, by name."""
    places = {name: place for place, name in enumerate(STORY)}
    return sorted(set(studies), key=lambda name: (places.get(name, len(places)), name))
