"""tables.joblib: numeric arrays by name, written by joblib, read as memory maps without trusting a byte of it."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray

from models.unpickle import MAX_DIMENSIONS, NUMBERS, unpickle_arrays

#: The first protocol with frames, which joblib needs to put array bytes between; fixed, as a default may move.
PICKLE_PROTOCOL = 4

#: Longer names and single letters would make joblib's bytes depend on how the string came about.
TABLE_NAME = re.compile(r"[a-z][a-z0-9_./-]{1,99}")


def write_tables(path: Path, tables: Mapping[str, NDArray[Any]]) -> None:
    """One uncompressed joblib file, byte for byte the same for the same names and values.

    ValueError on a name outside ``TABLE_NAME``, and on anything but integers and floats of 1 to 8 bytes in at most
    ``MAX_DIMENSIONS`` dimensions.
    """
    plain: dict[str, NDArray[Any]] = {}
    for name in sorted(tables):
        table = tables[name]
        if not TABLE_NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot name a table")
        if table.dtype not in NUMBERS.values() or table.ndim > MAX_DIMENSIONS:
            raise ValueError(f"{name}: cannot write {table.ndim} dimensions of {table.dtype}")
        # joblib's bytes follow the identity of names and dtypes, the memory order and the array's class: level them.
        plain[sys.intern(name)] = np.array(table, dtype=NUMBERS[table.dtype.str[1:]], order="C", subok=False)
    joblib.dump(plain, path, compress=0, protocol=PICKLE_PROTOCOL)


def read_tables(path: Path) -> dict[str, NDArray[Any]]:
    """The file's arrays as read-only views of one memory map (``np.memmap``; an empty one is a plain array).

    ValueError on anything but one dict of numeric arrays, OSError on a file that cannot be read. Nothing in the file is
    executed.
    """
    return unpickle_arrays(np.memmap(path, dtype=np.uint8, mode="r"))
