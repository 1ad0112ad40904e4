"""The process around the handlers, part by part."""
