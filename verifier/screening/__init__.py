"""Points that agree at once: the same enclosures on flat lists of steps, and longdouble kernels for many points."""
