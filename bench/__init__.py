"""A benchmark for every promise of speed: `make bench`. It may import every room; no room imports it."""
