"""The parts of Diagnose, one question each: a View in, a piece of the page out."""
