"""Films: every picture, in order, for as long as asked, as GIF and as MP4."""

import subprocess

import pytest

from autograd_lite.draw import frames
from autograd_lite.draw.frames import check_film, write_film

Image = pytest.importorskip("PIL.Image")

COLOURS = ["#ff0000", "#00ff00", "#0000ff"]


def images(size=(64, 48)):
    return [Image.new("RGB", size, colour) for colour in COLOURS]


def nearest(colour):
    distances = [
        sum((a - b) ** 2 for a, b in zip(colour, bytes.fromhex(c[1:]), strict=True)) for c in COLOURS
    ]
    return distances.index(min(distances))


def test_a_gif_has_every_picture_and_rests_on_the_last(tmp_path):
    write_film(tmp_path / "a.gif", images(), 0.3)

    gif = Image.open(tmp_path / "a.gif")
    seen = []
    for i in range(gif.n_frames):
        gif.seek(i)
        seen.append((nearest(gif.convert("RGB").getpixel((10, 10))), gif.info["duration"]))
    assert seen == [(0, 300), (1, 300), (2, 2000)]


@pytest.mark.parametrize("size", [(64, 48), (65, 49)])
def test_an_mp4_has_every_picture_and_rests_on_the_last(tmp_path, size):
    ffmpeg = pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe()

    write_film(tmp_path / "a.mp4", images(size), 0.2)

    raw = subprocess.run(
        [ffmpeg, "-v", "error", "-i", tmp_path / "a.mp4", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"],
        capture_output=True,
        check=True,
    ).stdout
    width, height = (side + side % 2 for side in size)
    of_one = 3 * width * height
    seen = [nearest(raw[at + of_one // 2 :][:3]) for at in range(0, len(raw), of_one)]
    assert seen == [0] * 5 + [1] * 5 + [2] * 50
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


@pytest.mark.parametrize(
    ("name", "seconds", "message"),
    [
        ("a.avi", 1, r"ends in \.gif or \.mp4, not '\.avi'"),
        ("a", 1, "not 'nothing'"),
        ("a.gif", 0.01, r"0\.02 to 600 seconds, not 0\.01"),
        ("a.gif", float("nan"), "not nan"),
    ],
)
def test_what_is_no_film_is_refused_before_a_picture_is_made(tmp_path, name, seconds, message):
    with pytest.raises(ValueError, match=message):
        check_film(tmp_path / name, seconds)
    with pytest.raises(FileNotFoundError, match="make it first"):
        check_film(tmp_path / "none" / "a.gif", 1)


def test_without_ffmpeg_the_error_says_what_to_install(tmp_path, monkeypatch):
    imported = frames.import_module

    def missing(name):
        if name == "imageio_ffmpeg":
            raise ImportError("No module named 'imageio_ffmpeg'")
        return imported(name)

    monkeypatch.setattr(frames, "import_module", missing)

    with pytest.raises(ImportError, match=r'pip install imageio-ffmpeg, or.*pip install "\.\[film\]"'):
        write_film(tmp_path / "a.mp4", images(), 1)
    assert not [*tmp_path.iterdir()]
    write_film(tmp_path / "a.gif", images(), 1)


def test_a_film_that_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch):
    (tmp_path / "a.gif").write_bytes(b"as it was")

    def fails():
        yield images()[0]
        raise RuntimeError("no more pictures")

    with pytest.raises(RuntimeError, match="no more"):
        write_film(tmp_path / "a.gif", fails(), 1)

    assert (tmp_path / "a.gif").read_bytes() == b"as it was"
    assert len([*tmp_path.iterdir()]) == 1
