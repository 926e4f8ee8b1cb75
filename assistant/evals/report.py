from pathlib import Path


def write_report(home: Path) -> Path:
    return home
