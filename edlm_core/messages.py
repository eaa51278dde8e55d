"""Texts that a reader will see, marked where they are written down and put into his language where they are shown."""


def N_(message: str) -> str:
    """The message itself: a mark by which the translators' catalogue finds it."""
    return message


def ngettext_noop(singular: str, plural: str) -> tuple[str, str]:
    """The same for a message that takes a count."""
    return singular, plural
