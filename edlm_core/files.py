"""Files from outside and files for keeps: read only if regular and of bounded size, written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from .refusals import Refusal


def read_bounded(path: Path, most_bytes: int) -> bytes:
    """The bytes of a regular file (a device such as /dev/zero has no end). Raises Refusal."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Refusal("file-not-regular", path=path)
            if status.st_size > most_bytes:
                raise Refusal("file-too-large", path=path, most=most_bytes >> 20)
            data = file.read(most_bytes + 1)  # it may have grown meanwhile
    except FileNotFoundError:
        raise Refusal("file-missing", path=path) from None
    except IsADirectoryError:
        raise Refusal("file-not-regular", path=path) from None
    except OSError as error:
        raise Refusal("file-unreadable", path=path, error=error.strerror) from None
    if len(data) > most_bytes:
        raise Refusal("file-too-large", path=path, most=most_bytes >> 20)
    return data


def check_writable(path: Path, *, replace: bool = False) -> None:
    """That `write_whole` will find a place: asked before the work whose result it is to hold. Raises Refusal."""
    if not replace and os.path.lexists(path):
        raise Refusal("file-exists", path=path)
    if path.is_dir():
        raise Refusal("file-not-regular", path=path)
    try:
        handle, trial = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    except OSError as error:
        raise Refusal("file-unwritable", path=path, error=error.strerror) from None
    os.close(handle)
    Path(trial).unlink()


def write_whole(path: Path, data: bytes | str, *, replace: bool = False) -> None:
    """All of `data` or nothing: written beside `path`, flushed to the disk, renamed. A full disk or a kill leaves
    what was there before. Raises Refusal, also where a file is there already unless `replace`."""
    check_writable(path, replace=replace)
    content = data.encode() if isinstance(data, str) else data
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        if replace:
            partial.replace(path)
        else:
            _name_unless_taken(partial, path)
        _flush_folder(path.parent)
    except FileExistsError:
        partial.unlink(missing_ok=True)
        raise Refusal("file-exists", path=path) from None
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise Refusal("file-unwritable", path=path, error=error.strerror) from None
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _name_unless_taken(partial: Path, path: Path) -> None:
    """Rename, but fail where somebody else was quicker. Raises FileExistsError."""
    try:
        os.link(partial, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links, such as FAT: take the name first, then its place
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        try:
            partial.replace(path)
        except BaseException:
            path.unlink()
            raise
    else:
        partial.unlink()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _flush_folder(folder: Path) -> None:
    """So that the new name outlives a loss of power too, where the system can open a folder."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
