"""How fast the samplers are: against the bare network calls, the published step, and the left-to-right models."""
