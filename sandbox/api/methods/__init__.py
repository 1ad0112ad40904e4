"""The Bot API's methods. `table` lists them all; each is a function of the world and the call's arguments."""
