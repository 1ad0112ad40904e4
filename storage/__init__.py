"""SQL, and only here: connection, migrations, one module a feature, inbox, outbox, timers, audit."""
