"""One scene a file: a hook, a guess, a play, the reason, a check."""
