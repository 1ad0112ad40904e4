"""The process: settings, wiring, receiving, routes, timetable, delivery, errors. Imports all, imported by none."""
