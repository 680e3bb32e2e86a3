"""Files that are there whole or not at all, and texts that no spreadsheet takes for a formula."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path


def whole_folder(folder: Path, fill: Callable[[Path], None]) -> Path:
    """Fill a sibling and rename it: whoever looks finds the old folder or the new one, never half of one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    room = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    try:
        room.mkdir()
        fill(room)
        if folder.exists():
            folder.rename(old)
        try:
            room.rename(folder)
        except BaseException:
            if old.exists() and not folder.exists():
                old.rename(folder)
            raise
    finally:
        shutil.rmtree(room, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    return folder


def whole_file(path: Path, fill: Callable[[Path], None]) -> Path:
    """The same for one file: `fill` writes under a hidden name beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    room = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        fill(room)
        room.replace(path)
    finally:
        room.unlink(missing_ok=True)
    return path


def write_text(path: Path, text: str) -> None:
    """UTF-8 with line feeds, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def unformula(cell: object) -> object:
    """A text that a spreadsheet could take for a formula, behind an apostrophe; anything else as it is."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
