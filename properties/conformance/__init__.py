"""The conformance suite of automatic-differentiation engines; see ``README.md`` beside this file.

It is run by ``gradjury conformance --engine NAME``, or by pytest itself::

    pytest --pyargs gradjury.properties.conformance --engine NAME
"""

#: Examples of each randomised test, unless the command line says another number.
EXAMPLES = 20
