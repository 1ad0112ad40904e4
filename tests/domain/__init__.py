"""Rules as tables of given, when and then; no doubles."""
