"""Tries another version of the generator beside the pinned one, in folders of its own."""
