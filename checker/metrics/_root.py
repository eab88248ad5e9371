"""The root of a whole column of equations at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from checker.metrics.model import Column


def crossing(
    function: Callable[..., Column], low: Column, high: Column, args: tuple[Column, ...], where: NDArray[np.bool_]
) -> Column:
    """The point between `low` and `high` at which a function is zero, infinity where none is wanted.

    Args:
        function: Takes the point and `args`, elementwise; of opposite sign at the two ends, or zero at one of them.
        low: Lower ends.
        high: Upper ends.
        args: Further arguments, broadcast against the ends.
        where: Where there is a root to look for.
    """
    start, stop, wanted, *rest = np.broadcast_arrays(low, high, where, *args)
    found = np.full(wanted.shape, np.inf)
    if wanted.any():
        from scipy.optimize import elementwise

        ends = (start[wanted], stop[wanted])
        found[wanted] = elementwise.find_root(function, ends, args=tuple(arg[wanted] for arg in rest)).x
    return found
