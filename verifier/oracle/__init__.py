"""What is true: meanings and SymPy's derivatives of them in balls, at ordinary points and beside singular ones."""
