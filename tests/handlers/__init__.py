"""Refusals and odd input beside the allowed case, in a village without a network."""
