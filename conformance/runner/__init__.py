"""Clauses in, verdicts out: the engine, the preflight, and the processes that they run in."""
