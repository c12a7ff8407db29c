"""``python -m gradjury`` is the command ``gradjury``."""

from .cli import main

if __name__ == "__main__":
    main(prog_name="gradjury")
