"""Engines under test: one module an engine, imported only when that engine is asked for.

An adapter is a table, primitive → the engine's own public function, and how the engine is asked for a gradient; the
loop over the tape is :class:`~gradjury.verifier.engines.common.TapeRunner`'s. Engine, module and extra of the
package share one name.
"""

from __future__ import annotations

#: Engine → the class of its adapter.
ADAPTERS = {
    "torch": "Torch",
    "jax": "Jax",
    "autograd": "Autograd",
    "mygrad": "Mygrad",
    "casadi": "Casadi",
    "pytensor": "Pytensor",
    "tinygrad": "Tinygrad",
    "tensorflow": "Tensorflow",
    "paddle": "Paddle",
    "mlx": "Mlx",
    "num_dual": "NumDual",
    "uncertainties": "Uncertainties",
}

#: The usual distributions on PyPI of engines that have another name; there may be others, as those for GPUs.
DISTRIBUTIONS = {"tensorflow": "tensorflow-cpu", "paddle": "paddlepaddle", "num_dual": "num-dual"}
