"""Training as a film: the decision boundary and the cost, every few epochs, as GIF, MP4 or pictures."""

from __future__ import annotations

import os
from collections.abc import Sequence
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd_lite.draw.frames import check_film, write_film
from autograd_lite.files import write_whole

from ..data.dataset import Dataset
from ..training import Epoch
from .boundary import as_matrices, draw_surface, plane, surface
from .colours import CURVES, ZERO
from .curves import scale_costs
from .frame import colours, readable
from .optional import plotting

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE, _DPI = (9.6, 5.4), 100  # inches, as wide for their height as a slide


class _Places(NamedTuple):
    """Where things are in a frame, in shares of its width and height from the lower left."""

    plane: tuple[float, float, float, float]
    curve: tuple[float, float, float, float]
    key: tuple[float, float] | None  # None: under the plane, which may be lower than its place
    columns: int


_HIGH = _Places((0.09, 0.12, 0.52, 0.78), (0.71, 0.5, 0.27, 0.4), (0.63, 0.12), columns=2)
_WIDE = _Places((0.09, 0.18, 0.52, 0.72), (0.71, 0.12, 0.27, 0.78), None, columns=3)
_WIDE_PROPORTIONS = 0.64  # the height of a plane over its width, at most
_BELOW = 0.6  # inches from a plane to the key under it, where its numbers and its name stand


class _Frame(NamedTuple):
    epoch: int
    model: Any  # as it was after the epoch


class Animation:
    """A callback of :func:`nn.fit` that films the training on data in the plane.

    A frame shows the regions of the classes after an epoch, the samples, and the cost up to it. Frames are
    kept every few epochs, from epoch 0, and of the last one.

    Parameters
    ----------
    data : Dataset or sequence of samples, shape (n, 2)
        The samples that are drawn.
    labels : sequence of n classes, from 0
        Only where data is no Dataset.
    every : int
        The number of epochs from frame to frame.
    threshold : float
        As for :func:`nn.predict`.
    figsize : width and height in inches
        Of a frame, which has 100 pixels to an inch; letters keep their share of it.

    Raises
    ------
    ValueError
        If the samples have another number of features than 2, the labels do not fit, or every is below 1.
    TypeError
        If labels are missing or given twice.

    Examples
    --------
    >>> from nn import MLP, fit
    >>> from nn.data import xor
    >>> film = Animation(xor(), every=10)
    >>> history = fit(MLP(2, [4, 1], seed=1), xor().inputs, xor().labels, epochs=25, callbacks=[film])
    >>> film
    Animation of 'xor': 4 frames, of epochs 0, 10, 20, 24

    ``film.save("training.gif")`` writes it.
    """

    def __init__(
        self,
        data: Dataset | Sequence[Sequence[float]],
        labels: Sequence[int] | None = None,
        *,
        every: int = 1,
        threshold: float = 0.0,
        figsize: tuple[float, float] = _SIZE,
    ) -> None:
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise ValueError(f"every must be a whole number of at least 1, not {every!r}")
        self.data = plane(data, labels)
        self.every, self.threshold, self.figsize = every, threshold, figsize
        self._costs: list[float] = []
        self._frames: list[_Frame] = []

    def __call__(self, epoch: Epoch) -> None:
        """Film an epoch.

        Parameters
        ----------
        epoch : Epoch
        """
        # The last epoch is to be in the film, and any may turn out to be it.
        if self._frames and self._frames[-1].epoch % self.every:
            self._frames.pop()
        if epoch.number == 0:
            self._costs, self._frames = [], []
        self._costs.append(epoch.cost)
        self._frames.append(_Frame(epoch.number, as_matrices(epoch.model) or deepcopy(epoch.model)))

    def __len__(self) -> int:
        """Return the number of frames."""
        return len(self._frames)

    def __repr__(self) -> str:
        epochs = [str(frame.epoch) for frame in self._frames]
        listed = ", ".join(epochs if len(epochs) <= 6 else [*epochs[:3], "…", *epochs[-2:]])
        return f"Animation of {self.data.name!r}: {len(epochs)} frames" + f", of epochs {listed}" * bool(
            epochs
        )

    def save(self, path: str | os.PathLike[str], *, seconds_per_frame: float = 0.2) -> None:
        """Write a film, whole or not at all; the last frame stays for two seconds.

        Parameters
        ----------
        path : path
            Ends in ``.gif`` or ``.mp4``.
        seconds_per_frame : float
            At least 0.02, the least that browsers heed.

        Raises
        ------
        ValueError
            If the path ends otherwise, there are no frames, or seconds_per_frame is too small.
        OSError
            If it can't be written; a file that was there before is left as it was.
        ImportError
            If Matplotlib is missing, or for an MP4 imageio-ffmpeg.
        """
        self._check_frames()
        write_film(check_film(path, seconds_per_frame), map(self._image, self._frames), seconds_per_frame)

    def save_frames(self, folder: str | os.PathLike[str]) -> list[Path]:
        """Write every frame as a PNG file, ``frame_0000.png`` and on, each whole or not at all.

        Parameters
        ----------
        folder : path
            A folder that is there.

        Returns
        -------
        list of Path

        Raises
        ------
        ValueError
            If there are no frames.
        OSError
            If the folder is missing or can't be written to.
        ImportError
            If Matplotlib is missing.
        """
        folder = Path(folder)
        self._check_frames()
        if not folder.is_dir():
            raise FileNotFoundError(f"there is no folder {folder} to save the frames in: make it first")
        paths = [folder / f"frame_{i:04d}.png" for i in range(len(self))]
        for path, frame in zip(paths, self._frames, strict=True):
            file = BytesIO()
            self._image(frame).save(file, format="PNG")
            write_whole(path, file.getvalue())
        return paths

    def _check_frames(self) -> None:
        if not self._frames:
            raise ValueError(
                "there are no frames: pass the animation to fit(..., callbacks=[animation]) first"
            )

    def _image(self, frame: _Frame) -> Any:
        """Draw one frame, on a figure that belongs to no window; return a Pillow image."""
        # Drawn as if it were as wide as ever, so that letters keep their share of a frame of any size.
        # Half a pixel more, which is cut off, makes up for what rounding takes.
        width, height = (round(_DPI * side) for side in self.figsize)
        dpi = width / _SIZE[0]
        size = (width + 0.5) / dpi, (height + 0.5) / dpi
        figure = plotting("matplotlib.figure").Figure(figsize=size, dpi=dpi)
        seen = surface(frame.model, self.data, self.threshold)
        is_wide = seen.ys[-1] - seen.ys[0] < _WIDE_PROPORTIONS * (seen.xs[-1] - seen.xs[0])
        places = _WIDE if is_wide else _HIGH
        plane, curve = figure.add_axes(places.plane), figure.add_axes(places.curve)
        with readable(plane):
            draw_surface(plane, seen, self.data)
            plane.set_title(f"epoch {frame.epoch}: {seen.score}")
            figure.legend(
                *plane.get_legend_handles_labels(),
                ncols=places.columns,
                **self._place_of_key(plane, places),
                frameon=False,
                handlelength=1.0,
                columnspacing=1.0,
            )
        with readable(curve):
            self._plot_costs(curve, frame.epoch)
        canvas = plotting("matplotlib.backends.backend_agg").FigureCanvasAgg(figure)
        canvas.draw()
        pixels = bytes(canvas.buffer_rgba())
        return plotting("PIL.Image").frombytes("RGBA", canvas.get_width_height(), pixels).convert("RGB")

    @staticmethod
    def _place_of_key(plane: Axes, places: _Places) -> dict[str, Any]:
        if places.key:
            return {"loc": "lower left", "bbox_to_anchor": places.key}
        offset = plotting("matplotlib.transforms").offset_copy
        below = offset(plane.transAxes, plane.figure, y=-_BELOW, units="inches")
        return {
            "loc": "upper left",
            "bbox_to_anchor": (0.0, 0.0),
            "bbox_transform": below,
            "borderaxespad": 0,
            "borderpad": 0,
        }

    def _plot_costs(self, ax: Axes, epoch: int) -> None:
        """Plot the cost up to an epoch, on axes that hold the whole training."""
        colour, cost = colours(CURVES)[0], self._costs[epoch]
        ax.plot(self._costs, color=ZERO, alpha=0.6)
        ax.plot(self._costs[: epoch + 1], color=colour)
        ax.plot([epoch], [cost], "o", color=colour)
        scale_costs(ax, self._costs)
        ax.set_title(f"cost {cost:.4g}")
