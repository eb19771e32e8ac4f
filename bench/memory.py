"""How much memory a process really holds."""

import psutil  # type: ignore[import-untyped]  # brings no types

MB = 1024 * 1024


def resident(process: int | None = None) -> float:
    """Megabytes that a process (None: this one) has in memory now."""
    return float(psutil.Process(process).memory_info().rss) / MB
