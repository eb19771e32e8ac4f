"""The edge: chat platforms, wording, HTTP, command line, settings, wiring."""
