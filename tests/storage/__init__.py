"""Real engines: rollback, conflicts, unique keys, migrations from every old schema."""
