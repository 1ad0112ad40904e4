"""The only package with SQL: engines, migrations, features, inbox, outbox, timers, audit.

There is one module per feature.
"""
