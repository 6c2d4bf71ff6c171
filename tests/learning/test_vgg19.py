"""VGG-19: its layers against plain loops, its files, its cache."""

import itertools
import os

import numpy as np
import pytest
from npz_maker import bomb
from safetensors.numpy import save_file

from anaspike.errors import InputError
from anaspike.learning.features import vgg19
from anaspike.learning.features.catalog import extractor
from anaspike.learning.features.vgg19 import WIDTHS, Vgg19, convolve, pool

# The true layout, every layer 32 times narrower.
NARROW = tuple(tuple(width // 32 for width in stage) for stage in WIDTHS)
INDICES = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34)  # torchvision's


def arrays(seed=0):
    generator = np.random.default_rng(seed)
    made, channels = {}, 3
    for index, out in zip(INDICES, itertools.chain(*NARROW), strict=True):
        scale = np.sqrt(2 / (9 * channels))
        weights = generator.normal(0, scale, (out, channels, 3, 3))
        made[f"features.{index}.weight"] = weights.astype(np.float32)
        made[f"features.{index}.bias"] = generator.normal(0, 0.1, out).astype(np.float32)
        channels = out
    # Files of torchvision carry the classifier too; it is not looked at.
    made["classifier.0.bias"] = np.zeros(3, dtype=np.float32)
    return made


@pytest.fixture
def picture():
    return np.random.default_rng(1).integers(0, 256, (240, 320, 3), dtype=np.uint8)


def test_the_layout_is_vgg_19s():
    assert len(INDICES) == sum(map(len, WIDTHS)) == 16
    assert WIDTHS[-1][-1] * (224 // 2 ** len(WIDTHS)) ** 2 == 25088


def test_a_convolution_is_the_sum_it_stands_for(monkeypatch):
    generator = np.random.default_rng(2)
    planes = generator.normal(size=(3, 5, 7)).astype(np.float32)
    weights = generator.normal(size=(4, 3, 3, 3)).astype(np.float32)
    bias = generator.normal(size=4).astype(np.float32)
    padded = np.pad(planes, ((0, 0), (1, 1), (1, 1)))
    expected = np.empty((4, 5, 7))
    for out, y, x in np.ndindex(expected.shape):
        expected[out, y, x] = bias[out] + sum(
            weights[out, c, dy, dx] * padded[c, y + dy, x + dx] for c, dy, dx in np.ndindex(3, 3, 3)
        )
    np.testing.assert_allclose(convolve(planes, weights, bias), expected, rtol=1e-4, atol=1e-5)
    monkeypatch.setattr(vgg19, "_BLOCK", 2 * 3 * 9 * 7)  # two rows at a time: 2 + 2 + 1
    np.testing.assert_allclose(convolve(planes, weights, bias), expected, rtol=1e-4, atol=1e-5)


def test_a_pooling_keeps_the_largest_and_drops_the_odd_edge():
    planes = np.arange(15, dtype=np.float32).reshape(1, 3, 5)
    assert pool(planes).tolist() == [[[6, 8]]]


def test_an_embedding_is_the_same_from_every_kind_of_file_and_from_the_cache(tmp_path, picture):
    np.savez(tmp_path / "w.npz", **arrays())
    save_file(arrays(), tmp_path / "w.safetensors")
    one, two = (Vgg19.read(tmp_path / name, NARROW) for name in ("w.npz", "w.safetensors"))
    assert one.digest == two.digest
    embedding = one.embed(picture)
    assert embedding.shape == (512 // 32 * 7 * 7,)
    assert embedding.min() >= 0 < embedding.max()
    first = one.cached(picture, tmp_path / "cache")
    assert np.array_equal(first, embedding)
    second = two.cached(picture, tmp_path / "cache")
    assert np.array_equal(second, embedding)
    assert len(list((tmp_path / "cache").rglob("*.npz"))) == 1
    # Other weights, other key.
    np.savez(tmp_path / "other.npz", **arrays(seed=1))
    Vgg19.read(tmp_path / "other.npz", NARROW).cached(picture, tmp_path / "cache")
    assert len(list((tmp_path / "cache").rglob("*.npz"))) == 2


def test_it_agrees_with_torch(tmp_path, picture):
    torch = pytest.importorskip("torch", reason="torch is not installed (extra vgg)")
    state = {name: torch.from_numpy(values) for name, values in arrays().items()}
    torch.save(state, tmp_path / "w.pth")
    network = Vgg19.read(tmp_path / "w.pth", NARROW)
    planes = np.random.default_rng(3).normal(size=(1, 3, 64, 64)).astype(np.float32)
    x, y = torch.from_numpy(planes), planes[0]
    for stage in network.stages:
        for weights, bias in stage:
            x = torch.relu(
                torch.nn.functional.conv2d(
                    x, torch.from_numpy(weights), torch.from_numpy(bias), padding=1
                )
            )
            y = np.maximum(convolve(y, weights, bias), 0)
        x, y = torch.nn.functional.max_pool2d(x, 2), pool(y)
    np.testing.assert_allclose(y, x[0].numpy(), rtol=1e-3, atol=1e-4)


class Torch:
    """Stands for torch: of a version, and with what it would have found in the file."""

    def __init__(self, version, state):
        self.__version__, self._state = version, state

    def load(self, path, map_location, weights_only):
        assert weights_only
        if isinstance(self._state, Exception):
            raise self._state
        return self._state


class Tensor:
    def __init__(self, values):
        self.numpy = lambda: values


@pytest.mark.parametrize(
    ("version", "state", "message"),
    [
        ("2.5.1+cpu", {}, "torch 2.5.1+cpu may run what is in a .pth; install torch >= 2.6, or"),
        ("odd", {}, "torch odd may run what is in a .pth; install torch >= 2.6"),
        ("2.6.0", {}, "{} is not VGG-19: it lacks features.0.weight"),
        ("2.10.0", RuntimeError("a\nb\x1b[2J"), "cannot read {} as plain weights: a b\\x1b[2J"),
        ("3.0", [1, 2], "cannot read {} as plain weights: "),
        ("2.6.0", {"features.0.weight": 3}, "cannot read {} as plain weights: "),
        ("2.6.0", {"classifier.0.weight": None}, "it lacks features.0.weight"),
    ],
)  # fmt: skip
def test_torch_is_trusted_from_2_6_on_only(tmp_path, monkeypatch, version, state, message):
    path = tmp_path / "w.pth"
    path.write_bytes(b"what torch would read")
    monkeypatch.setattr(vgg19, "need", lambda module, extra: Torch(version, state))
    with pytest.raises(InputError) as error:
        Vgg19.read(path, NARROW)
    assert message.format(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_torchs_tensors_are_taken_by_name(tmp_path, monkeypatch):
    (tmp_path / "w.pth").write_bytes(b"what torch would read")
    state = {name: Tensor(values) for name, values in arrays().items()}
    monkeypatch.setattr(vgg19, "need", lambda module, extra: Torch("2.6.0", state))
    np.savez(tmp_path / "w.npz", **arrays())
    files = [tmp_path / name for name in ("w.pth", "w.npz")]
    assert len({Vgg19.read(path, NARROW).digest for path in files}) == 1


def test_a_bomb_is_not_handed_to_torch(tmp_path, monkeypatch):
    monkeypatch.setattr(vgg19, "need", pytest.fail)
    (tmp_path / "w.pth").write_bytes(bomb(160_000_000))
    with pytest.raises(InputError, match=r"w.pth unpacks to 160 MB, and a file of"):
        Vgg19.read(tmp_path / "w.pth", NARROW)
    os.mkfifo(tmp_path / "p.pth")
    with pytest.raises(InputError, match="it is no plain file but a pipe or a device"):
        Vgg19.read(tmp_path / "p.pth", NARROW)


@pytest.mark.parametrize(
    "kept", [np.zeros(5, np.float16), np.zeros((2, 2), np.float16), np.array("x"), np.zeros(784)]
)
def test_a_kept_embedding_of_another_kind_is_refused(tmp_path, picture, kept):
    np.savez(tmp_path / "w.npz", **arrays())
    network = Vgg19.read(tmp_path / "w.npz", NARROW)
    network.cached(picture, tmp_path / "cache")
    (path,) = (tmp_path / "cache").rglob("*.npz")
    np.savez(path, embedding=kept)
    with pytest.raises(InputError) as error:
        network.cached(picture, tmp_path / "cache")
    assert str(error.value) == f"{path} is no embedding; remove it"


def changed(**values):
    return {**arrays(), **{name.replace("_", "."): value for name, value in values.items()}}


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        (
            "w.npz",
            {k: v for k, v in arrays().items() if k != "features.34.bias"},
            "{} is not VGG-19: it lacks features.34.bias",
        ),
        (
            "w.npz",
            changed(features_0_weight=np.zeros((2, 3, 5, 5), dtype=np.float32)),
            "{} is not VGG-19: features.0.weight is float32 of shape (2, 3, 5, 5), expected"
            " numbers of shape (2, 3, 3, 3)",
        ),
        (
            "w.npz",
            changed(features_2_bias=np.full(2, np.nan, dtype=np.float32)),
            "{}: features.2.bias holds a number that is not finite",
        ),
        (
            "w.npz",
            changed(features_0_weight=np.array([{}], dtype=object)),
            "cannot read {}: it holds pickled objects, which are never loaded",
        ),
        ("w.bin", b"", "{}: weights come as .npz, .safetensors or torchvision's .pth"),
        ("gone.npz", None, "{}: no such file; give the file of VGG-19's weights"),
        ("folder.npz", "folder", "{} is a folder; give the file of VGG-19's weights"),
    ],
)
def test_bad_weights(tmp_path, name, content, text):
    path = tmp_path / name
    if isinstance(content, dict):
        np.savez(path, **content)
    elif isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "folder":
        path.mkdir()
    with pytest.raises(InputError) as error:
        Vgg19.read(path, NARROW)
    assert str(error.value) == text.format(path)


def test_a_damaged_safetensors_file(tmp_path):
    path = tmp_path / "w.safetensors"
    path.write_bytes(b"\xff" * 40)
    with pytest.raises(InputError) as error:
        Vgg19.read(path)
    assert str(error.value).startswith(f"{path} is no safetensors file: ")


def test_without_weights_it_says_what_to_give():
    with pytest.raises(InputError) as error:
        extractor("vgg19")
    assert str(error.value) == (
        "the features vgg19 need VGG-19's weights: give --weights FILE (.npz, .safetensors, .pth),"
        " or take --features pixels"
    )
    with pytest.raises(InputError) as error:
        extractor("cels")
    assert str(error.value) == "unknown features 'cels'; did you mean 'cells'?"
