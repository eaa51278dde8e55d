"""One page for a meeting, made from a board: what to say, a picture, a table, and where every number comes from."""
