"""The tests mirror the package. What they import of it has its shapes checked."""

import jaxtyping

from tests import shapes

jaxtyping.jaxtyped = shapes.jaxtyped
