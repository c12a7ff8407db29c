"""Functions in an engine's own language: read into nodes where that can be, run as they stand where it cannot."""
