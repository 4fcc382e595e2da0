"""The API's endpoints: each function builds one call, and the clients' methods take its parameters and docstring.

Lists take ``page`` from 1, ``per_page`` (1 to 100; the server's default is 20), ``cursor``, ``sort`` (a field by its
name in the API) and ``order`` (asc or desc). Iterating a list goes on to its last page; ``per_page=100`` does it in the
fewest requests. Every POST takes ``idempotency_key``; without one, each call makes its own.
"""
