"""The lesson: the chain rule of one function, one multiplication at a time, as a page to step through."""

from .page import PARTS, render

__all__ = ["PARTS", "render"]
