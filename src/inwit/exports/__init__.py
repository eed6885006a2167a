"""Exports: an agent as a web page, as ONNX or for the hub; a task as its problems."""
