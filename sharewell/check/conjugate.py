"""Conjugate gradients for many right-hand sides at once, each until it is near enough."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .structure import Floats


def conjugate_gradients(
    apply: Callable[[Floats], Floats], scale: Floats, right: Floats, enough: Floats | float, most: int
) -> Floats:
    """x of apply(x) = right, column by column, from nought and in at most so many steps.

    apply: a symmetric operator without negative directions, of all columns at once. scale: the inverse of
    its diagonal, the preconditioner. enough: the squared residual, in the metric of `scale`, at which a
    column stops. (Hestenes and Stiefel 1952, Journal of Research of the National Bureau of Standards 49.)
    """
    found, left = np.zeros_like(right), right.copy()
    near = scale * left
    step, size = near.copy(), (left * near).sum(axis=0)
    for _ in range(most):
        going = size > enough
        if not going.any():
            break
        image = apply(step)
        length = np.where(going, size / np.maximum((step * image).sum(axis=0), 1e-300), 0.0)
        found += length * step
        left -= length * image
        near = scale * left
        before, size = size, (left * near).sum(axis=0)
        step = near + np.where(going, size / np.maximum(before, 1e-300), 0.0) * step
    return found
