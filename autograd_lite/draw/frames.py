"""Frames: pictures one after the other, as a film in GIF or MP4, by Pillow and by ffmpeg, both optional."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from importlib import import_module
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from autograd_lite.files import write_whole

_RATE = 25
"""Of an MP4, pictures in a second: players jump badly in films that have few."""

_LAST = 2.0


def write_film(path: str | os.PathLike[str], images: Iterable[Any], seconds: float) -> None:
    """Write a film, whole or not at all; its last picture stays for two seconds.

    Parameters
    ----------
    path : path
        Ends in ``.gif`` or ``.mp4``.
    images : iterable of Pillow's images
        In RGB, all of one size.
    seconds : float
        For which each is seen, at least 0.02, the least that browsers heed.

    Raises
    ------
    ValueError
        If the path ends otherwise, or seconds is too small.
    ImportError
        If Pillow, or for an MP4 imageio-ffmpeg, is missing.
    OSError
        If it can't be written; a file that was there before is left as it was.
    """
    path = check_film(path, seconds)
    write_whole(path, _as_gif(images, seconds) if path.suffix.lower() == ".gif" else _as_mp4(images, seconds))


def check_film(path: str | os.PathLike[str], seconds: float) -> Path:
    """Return the path of a film, before any picture of it is made, or raise as :func:`write_film` does.

    Parameters
    ----------
    path : path
    seconds : float

    Returns
    -------
    Path
    """
    path = Path(path)
    if path.suffix.lower() not in (".gif", ".mp4"):
        raise ValueError(f"a film ends in .gif or .mp4, not {path.suffix or 'nothing'!r}: {path}")
    if not 0.02 <= seconds < 600:
        raise ValueError(f"a picture is seen for 0.02 to 600 seconds, not {seconds!r}")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent} to write {path.name} in: make it first")
    optional("PIL.Image", "pillow")
    if path.suffix.lower() == ".mp4":
        optional("imageio_ffmpeg", "imageio-ffmpeg")
    return path


def optional(module: str, package: str) -> Any:
    """Import what films need, or raise what says how to get it.

    Parameters
    ----------
    module, package : str
        What it is called when imported, and when installed.

    Returns
    -------
    module
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            f"this film needs {package}, which cannot be imported ({error}): python -m pip install {package}"
            ', or, in the folder of autograd-lite, python -m pip install ".[film]"',
            name=error.name,
        ) from error


def _as_gif(images: Iterable[Any], seconds: float) -> bytes:
    # Few colours, and no dithering, which would flicker.
    first, *others = (image.quantize(128, dither=0) for image in images)
    durations = [round(1000 * seconds)] * len(others) + [round(1000 * _LAST)]
    file = BytesIO()
    first.save(file, format="GIF", save_all=True, append_images=others, duration=durations, loop=0)
    return file.getvalue()


def _as_mp4(images: Iterable[Any], seconds: float) -> bytes:
    ffmpeg = optional("imageio_ffmpeg", "imageio-ffmpeg")
    pictures = _even(images)
    first = next(pictures)
    with TemporaryDirectory() as folder:
        film = Path(folder, "film.mp4")
        writer = ffmpeg.write_frames(
            str(film), first.size, fps=_RATE, macro_block_size=2, quality=8, ffmpeg_log_level="error"
        )
        writer.send(None)
        try:
            picture = first
            for following in pictures:
                for _ in range(max(1, round(_RATE * seconds))):
                    writer.send(picture.tobytes())
                picture = following
            for _ in range(round(_RATE * _LAST)):
                writer.send(picture.tobytes())
        finally:
            writer.close()
        return film.read_bytes()


def _even(images: Iterable[Any]) -> Iterator[Any]:
    """Yield the images with sides that are even, as the format wants them: by a white line more."""
    for image in images:
        width, height = (side + side % 2 for side in image.size)
        if (width, height) == image.size:
            yield image
        else:
            larger = optional("PIL.Image", "pillow").new("RGB", (width, height), "white")
            larger.paste(image)
            yield larger
