"""The HTTP API: jobs enqueued, followed and operated by programs in any language.

``surface.py`` says what routes there are and who may use them, ``routes/`` what each does,
``api.py`` is the way of a request through all of it. On AWS it stands behind API Gateway
(``function.py``), on a developer's machine behind any ASGI server (``asgi.py``).
"""
