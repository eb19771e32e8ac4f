"""One file per figure, each with `FIGURES`: what is measured, against what, and what it must reach."""
