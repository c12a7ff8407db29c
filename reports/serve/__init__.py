"""The live pages: the lesson and the verifier in a browser, served on this machine alone, without any memory of it.

Needs the extra ``serve`` (Starlette and uvicorn).
"""
