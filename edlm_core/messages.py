"""Texts that a reader will see, marked where they are written down and put into their language where they are shown."""

from typing import NamedTuple


def N_(message: str) -> str:
    """The message itself: a mark by which the translators' catalogue finds it."""
    return message


class Counted(NamedTuple):
    """The same for a message whose form goes by a count: that of the value `by`."""

    by: str
    singular: str
    plural: str
