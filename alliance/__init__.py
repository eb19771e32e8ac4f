"""The rules two companies agreed on: no input or output, no clock, no randomness."""
