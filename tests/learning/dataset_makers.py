"""Data sets in their true formats, tiny: files that the loaders' tests write."""

import numpy as np
from PIL import Image

CELLS = ("EOSINOPHIL", "LYMPHOCYTE", "MONOCYTE", "NEUTROPHIL")


def smear(seed=0, size=(320, 240), lobes=2):
    """Draw a blood smear: an empty slide, red cells, one white cell with a purple nucleus."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[:240, :320]
    image = np.full((240, 320, 3), (205, 212, 200), dtype=float)

    def disc(row, column, radius, colour):
        image[np.hypot(y - row, x - column) < radius] = colour

    for row, column in ((40, 50), (60, 250), (190, 60), (200, 270), (30, 150)):
        disc(row, column, 22, (190, 150, 145))
    row, column = generator.integers(100, 140), generator.integers(140, 180)
    disc(row, column, 34, (205, 160, 200))
    for lobe in range(lobes):
        angle = 2 * np.pi * lobe / lobes
        disc(row + 12 * np.sin(angle), column + 12 * np.cos(angle), 9, (90, 60, 180))
    image += generator.normal(0, 3, image.shape)
    picture = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))
    return picture.resize(size, Image.Resampling.BILINEAR)


def noise(seed, size=(32, 24)):
    """Draw a picture that is no other: where only files and names matter."""
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def save(picture, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)


def scene(seed, size=(80, 60)):
    """Draw a smear that is like no other: cells of two stains anywhere."""
    generator = np.random.default_rng((9, seed))
    y, x = np.mgrid[: size[1], : size[0]]
    image = np.full((size[1], size[0], 3), (205, 212, 200), dtype=float)
    for colour, count in (((190, 150, 145), 12), ((90, 60, 180), 3)):
        for _ in range(count):
            row, column = generator.uniform(0, size[1]), generator.uniform(0, size[0])
            image[np.hypot(y - row, x - column) < 0.1 * size[1]] = colour
    return Image.fromarray(image.astype(np.uint8))


def turned(picture, generator):
    """Return a copy as the generator of Kaggle's set made them: mirrored, turned, shifted."""
    for flip in (Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM):
        if generator.random() < 0.5:
            picture = picture.transpose(flip)
    shift = tuple(int(generator.uniform(-0.1, 0.1) * edge) for edge in picture.size)
    return picture.rotate(generator.uniform(-25, 25), Image.Resampling.BILINEAR, translate=shift)


def kaggle(root, sources=3, copies=2, test="TEST"):
    """Write {TRAIN,TEST,TEST_SIMPLE}/CLASS/ below root/images; return root.

    As in the published set the copies are drawn in epochs, each in an order of its own: the first
    number of a name is the position in the epoch. The last digits of the second are the source,
    so that a test can tell.
    """
    generator = np.random.default_rng(5)
    for label, name in enumerate(CELLS):
        for part, first in (("TRAIN", 0), ("TEST", 100)):
            pictures = [scene(1000 * label + first + source) for source in range(sources)]
            if part in ("TRAIN", test):
                copied(pictures, copies, root / "images" / part / name, generator)
        for source, picture in enumerate(pictures):
            save(picture, root / "images/TEST_SIMPLE" / name / f"_{source}_{source}.jpeg")
    return root


def copied(pictures, copies, folder, generator, suffix="jpeg"):
    for epoch in range(copies):
        for place, source in enumerate(generator.permutation(len(pictures))):
            name = f"_{place}_{1000 * (epoch + 1) + source}.{suffix}"
            save(turned(pictures[source], generator), folder / name)


def annotation(box, name="WBC"):
    edges = "".join(
        f"<{edge}>{value}</{edge}>"
        for edge, value in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
    )
    return (
        "<annotation><object><name>RBC</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>90</xmax>"
        f"<ymax>90</ymax></bndbox></object><object><name>{name}</name><bndbox>{edges}</bndbox>"
        "</object></annotation>"
    )


def originals(root, per_class=3, extra_rows="", cells=False):
    """Write JPEGImages, Annotations and labels.csv as BCCD has them, `per_class` of each class."""
    rows = []
    (root / "Annotations").mkdir(parents=True)
    for number in range(4 * per_class):
        label = number % 4
        stem = f"BloodImage_{number:05d}"
        picture = smear(number, (640, 480), lobes=label + 1) if cells else noise(number)
        save(picture, root / "JPEGImages" / f"{stem}.jpg")
        text = annotation((200, 130, 440, 350))
        (root / "Annotations" / f"{stem}.xml").write_text(text)
        rows.append(f",{number},{CELLS[label]}")
    (root / "labels.csv").write_text(",Image,Category\n" + "\n".join(rows) + "\n" + extra_rows)
    return root


def stl10(root, train=20, test=10):
    """Write the four binary files; picture i is a ramp along its rows, brighter with i."""
    root.mkdir(parents=True, exist_ok=True)
    for part, number in (("train", train), ("test", test)):
        pictures = np.zeros((number, 96, 96, 3), dtype=np.uint8)
        pictures[..., 0] = np.arange(96)[None, :, None]  # red grows downwards
        pictures[..., 1] = np.arange(96)[None, None, :] * 2  # green grows to the right
        pictures[..., 2] = np.arange(number)[:, None, None] + (100 if part == "test" else 0)
        pictures.transpose(0, 3, 2, 1).tofile(root / f"{part}_X.bin")
        (np.arange(number) % 10 + 1).astype(np.uint8).tofile(root / f"{part}_y.bin")
    return root


def food11(root, per_class=2):
    for part in ("training", "validation", "evaluation"):
        for label in range(11):
            for number in range(per_class):
                colour = (label * 20, number * 40, {"t": 0, "v": 100, "e": 200}[part[0]])
                save(Image.new("RGB", (40, 30), colour), root / part / f"{label}_{number}.jpg")
    return root
