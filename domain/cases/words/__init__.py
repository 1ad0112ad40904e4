"""Words of a case: accusations in them, and the name of a hidden reporter."""
