"""Food-11: {training,validation,evaluation}/<class>_<n>.jpg."""

import re
from pathlib import Path

from anaspike.learning.datasets.location import complete, within
from anaspike.learning.images import Collection, Sample, some

CLASSES = ("bread", "dairy", "dessert", "egg", "fried", "meat", "noodles", "rice", "seafood",
           "soup", "vegetable")  # fmt: skip
_NESTINGS = ("", "food11", "Food-11", "food-11")
_PARTS = {"training": "train", "validation": "validation", "evaluation": "test"}
_NAME = re.compile(r"(\d{1,2})_\d+\.jpe?g", re.IGNORECASE)


def find(folder: Path) -> Collection | None:
    """Return the images below a folder, or None.

    Raises:
        InputError: a part is missing or a class has no image.
    """
    place = within(folder, _NESTINGS, tuple(_PARTS))
    if place is None:
        return None
    complete("food11", place, tuple(_PARTS))
    samples: list[Sample] = []
    odd: list[str] = []
    for folder_name, part in _PARTS.items():
        for path in sorted((place / folder_name).iterdir()):
            shown = f"{folder_name}/{path.name}"
            match = _NAME.fullmatch(path.name)
            if match and int(match[1]) < len(CLASSES):
                samples.append(Sample(shown, int(match[1]), shown, path, part))
            else:
                odd.append(shown)
    notes = [f"{len(odd)} files not named <class 0-10>_<number>.jpg, skipped: {some(odd)}"]
    return Collection(
        "food11", "file names", place, CLASSES, tuple(samples), tuple(notes if odd else ())
    )
