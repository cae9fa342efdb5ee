"""The researchers' pages: what a study has collected so far, for those who may see it.

Invariant: a page's number of queries does not grow with the study; somebody without the right sees the same
404 as for a study that does not exist.
"""
