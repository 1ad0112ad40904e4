"""The Bot API's methods: functions of the world and the call's arguments.

`table` lists all of them.
"""
