"""From text and SymPy expressions to tapes, and back to text."""
