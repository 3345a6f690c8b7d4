"""Files are written whole or not at all, and what is no file is not replaced by one."""

import os
import stat
from threading import Thread

import pytest

from autograd_lite.files import write_whole


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_stays_one_and_is_written_to(tmp_path):
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    # A daemon, for if nothing comes it would wait for ever.
    reader = Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()

    write_whole(pipe, b"<p>")
    reader.join(5)

    assert read == [b"<p>"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert os.listdir(tmp_path) == ["pipe"]
