"""What runs in the child: a tenant's code on its rows, one result a row. Imported by the zygote before the jail closes.

Everything that answers for the outcome (json, os.write, compile) is taken hold of here, before the code of a tenant can
replace it. The clock stands at the row's time and the dice start from the row's seed, so the same row gives the same result
wherever it is judged.
"""
import ast
import datetime
import itertools
import json
import math
import os
import random
import struct
import sys
import time
import types

SOURCE = "<evaluator>"
FRAME = struct.Struct("<IcI")  # bytes that follow, kind, row
LENGTH = struct.Struct("<I")
NOTHING_PRINTED = b'\n{"out":"","cut":false}'
RESULT, ASK = b"R", b"A"
HELD_BYTES, HELD_SECONDS = 32 << 10, 0.002

_write, _read, _loads, _dumps = os.write, os.read, json.loads, json.dumps
_isfinite, _clock = math.isfinite, time.perf_counter
_real_datetime, _real_date = datetime.datetime, datetime.date
_real_gmtime, _real_strftime, _real_asctime = time.gmtime, time.strftime, time.asctime
_importable = frozenset()
_numpy_random = None
_now = 0.0


# --- clock and dice --------------------------------------------------------------------------------------------------


class _Stands(type):
    """Instances made by C code count as instances of what stands in for their class."""

    def __instancecheck__(cls, value):
        return isinstance(value, cls.__mro__[1]) if "stands_in" in cls.__dict__ else type.__instancecheck__(cls, value)

    def __subclasscheck__(cls, other):
        return issubclass(other, cls.__mro__[1]) if "stands_in" in cls.__dict__ else type.__subclasscheck__(cls, other)


def _stand_still():
    class date(_real_date, metaclass=_Stands):
        stands_in = True

        @classmethod
        def today(cls):
            return _real_datetime.fromtimestamp(_now, datetime.timezone.utc).date()

    class moment(_real_datetime, metaclass=_Stands):
        stands_in = True

        @classmethod
        def now(cls, tz=None):
            utc = cls.fromtimestamp(_now, datetime.timezone.utc)
            return utc.replace(tzinfo=None) if tz is None else utc.astimezone(tz)

        @classmethod
        def utcnow(cls):
            return cls.now()

        @classmethod
        def today(cls):
            return cls.now()

        def __repr__(self):
            return "datetime." + super().__repr__()

    moment.__name__ = moment.__qualname__ = "datetime"
    date.__module__ = moment.__module__ = "datetime"
    datetime.datetime, datetime.date = moment, date
    time.time = lambda: _now
    time.time_ns = lambda: round(_now * 1e9)
    for name in ("monotonic", "perf_counter", "process_time", "thread_time"):
        setattr(time, name, lambda: 0.0)
        setattr(time, name + "_ns", lambda: 0)
    time.gmtime = time.localtime = lambda seconds=None: _real_gmtime(_now if seconds is None else seconds)
    time.strftime = lambda form, at=None: _real_strftime(form, _real_gmtime(_now) if at is None else at)
    time.asctime = time.ctime = lambda at=None: _real_asctime(at if isinstance(at, (tuple, time.struct_time)) else time.gmtime(at))
    os.urandom = random._urandom = _bytes


def _bytes(count):
    """Stands in for the kernel's: the same for the same row."""
    global _dice
    if _dice is None:
        _dice = random.Random(_seed)
    return _dice.randbytes(count)


_dice, _seed = None, 0


def _start_row(now_ms, seed):
    global _now, _dice, _seed
    _now, _dice, _seed = now_ms / 1000, None, seed
    random.seed(seed)
    if _numpy_random is not None:
        _numpy_random.seed(seed)


# --- imports and output ----------------------------------------------------------------------------------------------


class _NotHere:
    """The last finder that is asked: names what is missing in place of an error about a file."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        raise ModuleNotFoundError(f"No module named '{name}': it is not among the modules loaded for evaluators", name=name)


class _Output:
    """Standard output of a row, its first characters."""

    encoding, errors, closed = "utf-8", "strict", False

    def __init__(self, most):
        self.parts, self.left, self.cut = [], most, False

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if len(text) > self.left:
            self.cut = True
        if self.left > 0:
            self.parts.append(text[: self.left])
            self.left -= len(self.parts[-1])
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def flush(self):
        pass

    def isatty(self):
        return False


def prepare(importable):
    """Once, in the zygote. `importable`: names of what was loaded."""
    global _importable, _numpy_random
    _numpy_random = sys.modules.get("numpy.random")
    _importable = frozenset(name.partition(".")[0] for name in importable)
    _stand_still()
    for name in ("ctypes", "_ctypes", "ctypes.util", "resource", "zygote", "evaluate", "__main__", "importlib._bootstrap_external"):
        if name not in _importable:
            sys.modules.pop(name, None)
    sys.meta_path[:] = [_NotHere]
    sys.path[:] = []
    sys.path_hooks[:] = []
    sys.argv[:] = ["evaluator"]


# --- one row ---------------------------------------------------------------------------------------------------------


class _Frames:
    """What goes to the host. Many short rows go together; the host asks for one at a time when it must know which one fails."""

    def __init__(self, together):
        self.held, self.bytes, self.together, self.since = [], 0, together, _clock()

    def send(self, kind, row, body):
        self.held.append(FRAME.pack(len(body), kind, row) + body)
        self.bytes += len(body)
        if kind == ASK:
            self.together = False
        if not self.together or self.bytes > HELD_BYTES or _clock() - self.since > HELD_SECONDS:
            self.flush()

    def flush(self):
        left = memoryview(b"".join(self.held))
        self.held, self.bytes = [], 0
        while left:
            left = left[_write(_data, left) :]
        self.since = _clock()


def _receive(length):
    parts = []
    while length > 0:
        part = _read(_answers, length)
        if not part:
            os._exit(0)
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


class AskError(RuntimeError):
    """What was asked has no answer: the limit is reached, the model failed, or nothing may be asked here."""


def _asker(row, frames):
    count = itertools.count()

    def ask(request=None, **fields):
        """Asks the host for a model's or a prompt's answer: `ask("…")`, `ask(prompt="path", inputs={…})`."""
        if request is None:
            request = fields
        elif fields:
            request = {**request, **fields} if isinstance(request, dict) else {"input": request, **fields}
        frames.send(ASK, row, f"{next(count)}\n{_dumps(request, allow_nan=False)}".encode())
        (length,) = LENGTH.unpack(_receive(LENGTH.size))
        answer = _loads(_receive(length)[LENGTH.size :])  # its number is for who asks several things at once
        if "error" in answer:
            raise AskError(answer["error"])
        return answer["value"]

    return ask


def _entry(tree, wanted):
    """The last function defined at the top level, or the one that is asked for by name."""
    found = None
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found = node.name
            if found == wanted:
                break
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda) and isinstance(node.targets[0], ast.Name):
            found = node.targets[0].id
    return found


def _await(value):
    """Runs a coroutine: there is nothing here to wait for, so it must come through in one go."""
    if not isinstance(value, types.CoroutineType):
        return value
    try:
        value.send(None)
    except StopIteration as end:
        return end.value
    value.close()
    raise RuntimeError("The coroutine waits for something that never comes")


def _takes_testcase(function):
    code = getattr(function, "__code__", None)
    return code is not None and (code.co_argcount >= 2 or bool(code.co_flags & 4))


def _plain(value):
    """numpy's numbers as Python's."""
    if type(value).__module__ == "numpy" and hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        return value.item()
    return value


def _judgment(returned):
    reason = None
    if isinstance(returned, dict):
        key = "value" if "value" in returned else "judgment"
        if key not in returned:
            return {"k": "invalid", "why": "wrong-type", "message": "a dict without `value`"}
        reason = returned.get("reason")
        returned = returned[key]
    value = _plain(returned)
    if isinstance(value, (list, tuple)):
        value = [str(item) if isinstance(item, str) else item for item in value]
    if value is None:
        return {"k": "invalid", "why": "nothing", "message": "nothing"}
    if isinstance(value, float) and not _isfinite(value):
        return {"k": "invalid", "why": "not-finite", "message": "inf" if value > 0 else "-inf" if value < 0 else "nan"}
    known = isinstance(value, (bool, int, float, str)) or (isinstance(value, list) and all(isinstance(i, str) for i in value))
    if not known:
        return {"k": "invalid", "why": "wrong-type", "message": _name(returned)}
    return {"k": "value", "value": value, "reason": None if reason is None else str(reason)}


def _name(value):
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def _text_of(error):
    try:
        text = str(error)
    except BaseException:
        text = "(its text cannot be had)"
    name = type(error).__name__
    return f"{name}: {text}"[:4000] if text else name


def _line_of(error):
    line, step = None, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == SOURCE:
            line = step.tb_lineno
        step = step.tb_next
    return line


def _failure(error):
    if isinstance(error, MemoryError):
        return {"k": "memory"}
    if isinstance(error, SyntaxError) and error.filename == SOURCE:
        return {"k": "error", "message": f"{type(error).__name__}: {error.msg}", "line": error.lineno, "column": error.offset}
    return {"k": "error", "message": _text_of(error), "line": _line_of(error)}


def _evaluate(job, code, entry, row, output, number, frames):
    module = types.ModuleType("evaluator")
    sys.modules["evaluator"] = module
    names = module.__dict__
    names["ask"] = _asker(number, frames)
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = output
    try:
        row = _loads(row)
        _start_row(row["now"], row["seed"])
        exec(code, names)
        function = names[entry]
        if job["mode"] == "call":
            return {"k": "value", "value": _await(function(**row["args"])), "reason": None}
        arguments = row["args"] if _takes_testcase(function) else row["args"][:1]
        return _judgment(_await(function(*arguments)))
    except BaseException as error:  # sys.exit too is an outcome, not an end
        return _failure(error)


def _encode(outcome, most):
    try:
        body = _dumps(outcome, allow_nan=False).encode()
    except MemoryError:
        return _dumps({"k": "memory"}).encode()
    except BaseException as error:
        return _dumps({"k": "invalid", "why": "wrong-type", "message": _text_of(error)}).encode()
    return body if len(body) <= most else _dumps({"k": "too-large", "bytes": len(body)}).encode()


def _rows(job_bytes):
    place = 0
    while place < len(job_bytes):
        (length,) = LENGTH.unpack_from(job_bytes, place)
        place += LENGTH.size
        yield job_bytes[place : place + length]
        place += length


def _check(source):
    try:
        tree = ast.parse(source, SOURCE)
        compile(tree, SOURCE, "exec", dont_inherit=True)
    except SyntaxError as error:
        return {"k": "check", "problems": [{"message": error.msg, "line": error.lineno or 1, "column": error.offset or 1}]}
    except (ValueError, RecursionError, MemoryError) as error:
        return {"k": "check", "problems": [{"message": _text_of(error), "line": 1, "column": 1}]}
    missing = []
    for node in ast.walk(tree):
        named = []
        if isinstance(node, ast.Import):
            named = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            named = [node.module]
        for name in named:
            if name.partition(".")[0] not in _importable and name not in sys.modules:
                missing.append({"module": name, "line": node.lineno})
    entry = _entry(tree, None)
    functions = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == entry]
    given = functions[-1].args if functions else None
    parameters = [] if given is None else [argument.arg for argument in given.posonlyargs + given.args]
    return {"k": "check", "problems": [], "entry": entry, "parameters": parameters, "missing": missing}


def _program(job):
    """Code and entry of a job's source, or the outcome that every row has without them."""
    try:
        tree = ast.parse(job["source"], SOURCE)
        entry = _entry(tree, job.get("entry"))
        code = compile(tree, SOURCE, "exec", dont_inherit=True)
    except BaseException as error:
        return None, None, _failure(error)
    if entry is None:
        return None, None, {"k": "error", "message": "There is no function: the last one defined is the one that is called"}
    return code, entry, None


def warm():
    """Before a job comes: pages that a fork shares are copied when they are first written to, better now than while somebody
    waits."""
    code, entry, _ = _program({"source": "def evaluate(log):\n    return {'value': True}"})
    row = b'{"now":0,"seed":0,"args":[{}]}'
    _encode(_evaluate({"mode": "judge"}, code, entry, row, _Output(1), 0, None), 1 << 10)


def run(job_bytes, data, answers):
    """Judges every row of a job, each in a module of its own, and writes one result a row."""
    global _data, _answers
    _data, _answers = data, answers
    rows = _rows(job_bytes)
    job = _loads(next(rows))
    most = job["resultBytes"]
    frames = _Frames(job.get("together", False))
    if job["mode"] == "check":
        frames.send(RESULT, 0, _encode(_check(job["source"]), most) + NOTHING_PRINTED)
        return
    code, entry, failed = _program(job)
    for number, row in enumerate(rows):
        output = _Output(job["stdoutChars"])
        outcome = failed or _evaluate(job, code, entry, row, output, number, frames)
        printed = b"\n" + _dumps({"out": "".join(output.parts), "cut": output.cut}).encode() if output.parts else NOTHING_PRINTED
        frames.send(RESULT, number, _encode(outcome, most) + printed)
    frames.flush()
