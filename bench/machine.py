"""The machine in one line, without which a figure says nothing."""

import os
import platform
from pathlib import Path


def described() -> str:
    """Processor, cores, memory, system and Python; nothing that names the machine."""
    return " · ".join(
        part
        for part in (
            _processor(),
            f"{len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()} cores",
            _memory(),
            f"{platform.system()} {platform.machine()}",
            f"Python {platform.python_version()}",
        )
        if part
    )


def _processor() -> str:
    for line in _lines("/proc/cpuinfo"):
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return " ".join(value.split())
    return platform.processor()


def _memory() -> str:
    for line in _lines("/proc/meminfo"):
        name, _, value = line.partition(":")
        if name == "MemTotal":
            return f"{int(value.split()[0]) / 1024**2:.0f} GB"
    return ""


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
