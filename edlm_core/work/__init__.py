"""What takes a model and time (tasks), who does it (executors) and what was done (store)."""
