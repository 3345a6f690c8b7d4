"""The rule book against mathematics: every row, over the whole range of floats, its derivatives, kinks and errors.

The oracle is the table of closed forms in mpmath below, itself checked by differences of 60-digit numbers. A row
that lacks an entry there fails. Kinds of numbers other than floats are in ``test_ops_kinds.py``.
"""

import math
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pytest
from mpmath import mp, mpf

import autograd_lite
from autograd_lite import FUNCTIONS, RULES, Value, grad, gradcheck
