"""A pickle machine for joblib's arrays alone: nothing in the file is executed, whatever the file says."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from enum import Enum
from typing import Any, ClassVar, NoReturn

import numpy as np
from numpy.typing import NDArray

MAX_DIMENSIONS = 4

#: What a file may hold beside array bytes. A table takes about 200 bytes of it.
INSTRUCTION_BYTES = 1 << 20

#: The types of number that a table may have, by their pickled names; little-endian, like every machine we run on.
NUMBERS: dict[str, np.dtype[Any]] = {
    code: np.dtype("<" + code) for code in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")
}

#: joblib.numpy_pickle.NUMPY_ARRAY_ALIGNMENT_BYTES
_ALIGNMENT = 16


def unpickle_arrays(content: NDArray[np.uint8]) -> dict[str, NDArray[Any]]:
    """The arrays by name, as views into the file's bytes, from a file that ``joblib.dump`` wrote uncompressed.

    ValueError on anything but one dict of numeric, aligned arrays in C order. Memory beside the content stays below
    about a hundred times ``INSTRUCTION_BYTES``.
    """
    stream = _Stream(content)
    try:
        arrays = _ArraysUnpickler(stream).load()
    except Exception as error:  # a damaged stream can fail anywhere in the machine, with any exception
        raise ValueError(f"not a file of numeric arrays ({type(error).__name__}: {error})") from error
    if type(arrays) is not dict:
        raise ValueError(f"holds {type(arrays).__name__}, not arrays by name")
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise ValueError(f"{name!r} names {type(array).__name__}, not an array")
    if stream.position != len(content):
        raise ValueError("goes on after the last array")
    return arrays


class _Stream:
    """The instructions between the arrays, read within ``INSTRUCTION_BYTES``; array bytes are stepped over."""

    def __init__(self, content: NDArray[np.uint8]) -> None:
        self.position = 0
        self._content = content
        self._bytes = content.data
        self._allowance = INSTRUCTION_BYTES

    def read(self, count: int) -> bytes:
        self._allowance -= count
        if self._allowance < 0:
            raise ValueError(f"more than {INSTRUCTION_BYTES} bytes beside the arrays")
        return bytes(self._bytes[self._advance(count) : self.position])

    def readline(self) -> NoReturn:
        raise ValueError("an instruction that reads lines")

    def array_bytes(self, size: int) -> NDArray[np.uint8]:
        """The next array's bytes, after the padding that joblib puts before them."""
        padding = self.read(1)[0]
        if padding != _ALIGNMENT - self.position % _ALIGNMENT:
            raise ValueError("an array that is not aligned")
        self._advance(padding)
        return self._content[self._advance(size) : self.position]

    def _advance(self, count: int) -> int:
        start = self.position
        if count > len(self._content) - start:
            raise ValueError("ends too early")
        self.position += count
        return start


class _StandIn(Enum):
    """The three names that joblib's arrays need. Each stands for itself, the real classes are never reached."""

    WRAPPER = ("joblib.numpy_pickle", "NumpyArrayWrapper")
    NDARRAY = ("numpy", "ndarray")
    DTYPE = ("numpy", "dtype")


#: What ``joblib.numpy_pickle.NumpyArrayWrapper`` keeps beside dtype and shape, always alike in our files.
_HEADER = {"subclass": _StandIn.NDARRAY, "order": "C", "allow_mmap": True, "numpy_array_alignment_bytes": _ALIGNMENT}

#: Instructions that only put plain values together; their meaning is the standard library's.
_INHERITED = (
    *(pickle.PROTO, pickle.MARK, pickle.STOP, pickle.MEMOIZE, pickle.BINGET, pickle.LONG_BINGET, pickle.STACK_GLOBAL),
    *(pickle.NONE, pickle.NEWTRUE, pickle.NEWFALSE, pickle.BININT, pickle.BININT1, pickle.BININT2),
    *(pickle.SHORT_BINUNICODE, pickle.EMPTY_DICT),
    *(pickle.EMPTY_TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3, pickle.TUPLE),
)


class _ArraysUnpickler(pickle._Unpickler):
    """A pickle machine that knows only the instructions of an table of arrays, and calls nothing.

    Values from the stream are compared and looked up only after their type is known, and never shown: a tuple nested
    a million deep would overflow the stack when hashed or printed.
    """

    stack: list[Any]
    pop_mark: Callable[[], list[Any]]
    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = {
        code[0]: pickle._Unpickler.dispatch[code[0]] for code in _INHERITED
    }

    def __init__(self, stream: _Stream) -> None:
        super().__init__(stream)
        self._stream = stream

    def find_class(self, module: str, name: str) -> _StandIn:
        for allowed in _StandIn:
            if allowed.value == (module, name):
                return allowed
        raise ValueError(f"names {f'{module}.{name}'!r}")

    def load_frame(self) -> None:
        # The frame's length, which is not needed: every read is bounded.
        self._stream.read(8)

    dispatch[pickle.FRAME[0]] = load_frame

    def load_setitem(self) -> None:
        value = self.stack.pop()
        self._set([self.stack.pop(), value])

    dispatch[pickle.SETITEM[0]] = load_setitem

    def load_setitems(self) -> None:
        self._set(self.pop_mark())

    dispatch[pickle.SETITEMS[0]] = load_setitems

    def load_newobj(self) -> None:
        arguments = self.stack.pop()
        if self.stack[-1] is not _StandIn.WRAPPER or type(arguments) is not tuple or arguments:
            raise ValueError("makes an object that is not an array")

    dispatch[pickle.NEWOBJ[0]] = load_newobj

    def load_reduce(self) -> None:
        arguments = self.stack.pop()
        if self.stack[-1] is not _StandIn.DTYPE or type(arguments) is not tuple or len(arguments) != 3:
            raise ValueError("calls something that is not a dtype")
        code, align, copy = arguments
        if type(code) is not str or code not in NUMBERS or align is not False or copy is not True:
            raise ValueError("a dtype that is not a plain number's")
        self.stack[-1] = NUMBERS[code]

    dispatch[pickle.REDUCE[0]] = load_reduce

    def load_build(self) -> None:
        state = self.stack.pop()
        built = self.stack[-1]
        if built is _StandIn.WRAPPER:
            self.stack[-1] = self._array(state)
        elif not isinstance(built, np.dtype) or state != (3, built.str[0], None, None, None, -1, -1, 0):
            raise ValueError("changes something that is not a plain dtype")

    dispatch[pickle.BUILD[0]] = load_build

    def _set(self, items: list[Any]) -> None:
        mapping = self.stack[-1]
        if type(mapping) is not dict:
            raise ValueError("sets items of something that is not a dict")
        for key, value in zip(items[::2], items[1::2], strict=True):
            if type(key) is not str or key in mapping:
                raise ValueError("a key that is no string, or comes twice")
            mapping[key] = value

    def _array(self, header: Any) -> NDArray[Any]:
        if type(header) is not dict or header.keys() != _HEADER.keys() | {"dtype", "shape"}:
            raise ValueError("an array with other fields than joblib's")
        if any(header[key] != value for key, value in _HEADER.items()):
            raise ValueError("an array that is not a plain, aligned one in C order")
        dtype, shape = header["dtype"], header["shape"]
        if not isinstance(dtype, np.dtype) or type(shape) is not tuple or len(shape) > MAX_DIMENSIONS:
            raise ValueError("an array without a plain dtype and shape")
        if not all(type(length) is int and length >= 0 for length in shape):
            raise ValueError("an array whose shape is not made of lengths")
        return self._stream.array_bytes(dtype.itemsize * math.prod(shape)).view(dtype).reshape(shape)
