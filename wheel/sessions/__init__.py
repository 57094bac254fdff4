"""Storage of wheel sessions: documents, compare-and-set writes, index rows, limits.

Nothing else in the project touches Django's cache.
"""
