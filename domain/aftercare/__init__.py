"""Aftercare of an urgent case: hand-over sheet, call-backs, debrief, figures."""
