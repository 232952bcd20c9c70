"""Mutation testing of `reference/`: small changes to its code, each of which a clause should see.

The mutants in `tests/mutants` are mistakes that people make; these are made by a tool, without a
thought of any clause. cosmic-ray gives the operators: mutmut leaves decorated functions as they
are, and the views of a Flask application are decorated.
"""
