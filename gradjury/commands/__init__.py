"""The commands of the command line, one module each; :mod:`gradjury.cli` lists them."""
