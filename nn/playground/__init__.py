"""The playground: a static site on which one types Python and sees backpropagation, with nothing to install.

Python runs in the reader's browser, by Pyodide. :mod:`.runner` is what runs there of ours; the folder
``page`` is the page; :mod:`.site` puts both into a folder, with this project as a wheel.
"""

from .serving import server_of
from .site import write_playground

__all__ = ["server_of", "write_playground"]
