import { type Attack, denial, marker, probe } from './attack.ts';

const body = (lines: string): string => `def evaluate(log):\n${lines.replace(/^/gm, '    ')}\n`;
const found = (name: string, expression: string, imports = ''): Attack =>
  probe(name, `${imports}${imports === '' ? '' : '\n'}${body(`return str(${expression} or "")[:200]`)}`);

/** What any evaluator may try with the modules that it has. */
export const pythonProbes: readonly Attack[] = [
  found('read /etc/passwd', `open("/etc/passwd").read()`),
  found('read /proc/self/environ', `open("/proc/self/environ").read()`),
  found('read the host’s environment', `open(f"/proc/{os.getppid()}/environ").read()`, 'import os'),
  found('read memory of the process', `open("/proc/self/mem", "rb").read(1)`),
  found('list /', `os.listdir("/")`, 'import os'),
  found('environment variables', `dict(os.environ)`, 'import os'),
  found('write a file', `open("/tmp/whetstone-attack", "w").write("x")`),
  found('write to /dev/shm', `open("/dev/shm/whetstone-attack", "w").write("x")`),
  found('os.system', `"" if os.system("id > /tmp/whetstone-attack") != 0 else "ran"`, 'import os'),
  found('os.popen', `os.popen("id").read()`, 'import os'),
  found('fork', `os.fork() and "forked"`, 'import os'),
  found('execve', `os.execv("/bin/sh", ["sh", "-c", "id"])`, 'import os'),
  found('kill the parent', `os.kill(os.getppid(), 0) or "could"`, 'import os'),
  found('kill everybody', `os.kill(-1, 0) or "could"`, 'import os'),
  found('import socket', `__import__("socket").create_connection(("127.0.0.1", ${marker}))`),
  found('import subprocess', `__import__("subprocess").check_output(["id"])`),
  found('import ctypes', `__import__("ctypes").CDLL(None)`),
  found('import threading', `__import__("threading").Thread(target=print).start() or "ran"`),
  found('import urllib.request', `__import__("urllib.request").request.urlopen("http://127.0.0.1:${marker}/").status`),
  found('import a file that is not there', `__import__("whetstone_secret")`),
  found('become root', `os.setuid(0) or "did"`, 'import os'),
  found('change the root', `os.chroot("/") or "did"`, 'import os'),
  found('raise a limit', `sys.modules["resource"].setrlimit(7, (4096, 4096)) or "did"`, 'import sys'),
  found('what runs it, by sys.modules', `[n for n in ("zygote", "evaluate", "__main__") if n in sys.modules]`, 'import sys'),
  found('arguments of the process', `sys.argv[1:]`, 'import sys'),
  found(
    'open files',
    `[fd for fd in range(64) if fd not in (1, 2, 3) and can(fd)]`,
    'import os\ndef can(fd):\n    try:\n        os.fstat(fd)\n        return True\n    except OSError:\n        return False',
  ),
  found(
    'a real clock',
    `"" if time.time() == datetime.datetime.fromisoformat(log["created_at"].replace("Z", "+00:00")).timestamp() else time.time()`,
    'import time, datetime',
  ),
  probe(
    'what the last call left',
    `import builtins, json\n${body(`left = getattr(builtins, "left", "")\nbuiltins.left = "left here"\njson.dumps = lambda *a, **k: "forged"\nreturn left`)}`,
  ),
  found('`ask` where nothing may be asked', `ask("hello")`),
  probe(
    'a class that lies about its type',
    `class T(str):\n    def __str__(self): raise SystemExit\n    def __len__(self): return 0\n${body(`return T("")`)}`,
  ),
];

export const pythonDenials: readonly Attack[] = [
  denial('endless loop', ['timeout'], body(`while True: pass`)),
  denial('sleep', ['timeout'], `import time\n${body(`time.sleep(3600)`)}`),
  denial('endless loop at the top level', ['timeout'], `def evaluate(log): return True\nwhile True: pass\n`),
  denial(
    'loop that catches everything',
    ['timeout'],
    body(`while True:\n    try:\n        while True: pass\n    except BaseException:\n        pass`),
  ),
  denial('regular expression that backtracks', ['timeout'], `import re\n${body(`return bool(re.match(r"^(a+)+$", "a" * 40 + "!"))`)}`),
  denial('10 ** 10 ** 10', ['timeout', 'memory', 'error'], body(`return str(10 ** 10 ** 10)`)),
  denial('big number by shifts', ['memory', 'timeout', 'invalid', 'error'], body(`return 1 << (1 << 34)`)),
  denial('list without an end', ['memory', 'timeout'], body(`items = []\nwhile True: items.append(" " * 1000)`)),
  denial('bytearray of 4 GB', ['memory'], body(`return len(bytearray(4 << 30))`)),
  denial('text that doubles', ['memory'], body(`text = "x"\nwhile True: text += text`)),
  denial('recursion', ['error'], body(`return evaluate(log)`)),
  denial(
    'recursion without its limit',
    ['error', 'memory', 'timeout'],
    `import sys\n${body(`sys.setrecursionlimit(1 << 30)\nf = lambda n: f(n + 1) + 1\nreturn f(0)`)}`,
  ),
  denial('result 200,000 deep', ['invalid', 'error', 'memory'], body(`value = []\nfor _ in range(200000): value = [value]\nreturn value`)),
  denial('sys.exit', ['error'], `import sys\n${body(`sys.exit(0)`)}`),
  denial('os._exit', ['error'], `import os\n${body(`os._exit(0)`)}`),
  denial('os.abort', ['error'], `import os\n${body(`os.abort()`)}`),
  denial(
    'exit while another result is forged',
    ['error', 'value'],
    `import os, struct\n${body(`os.write(1, struct.pack("<IcI", 5, b"R", 0) + b"{}\\n{}")\nos._exit(0)`)}`,
  ),
  denial(
    'forged frames for other rows',
    ['error'],
    `import os, struct\n${body(`os.write(1, struct.pack("<IcI", 5, b"R", 7) + b"{}\\n{}")\nos._exit(0)`)}`,
  ),
  denial(
    'a frame of 4 GB',
    ['error'],
    `import os, struct\n${body(`os.write(1, struct.pack("<IcI", 0xffffffff, b"R", 0))\nwhile True: os.write(1, b"x" * 65536)`)}`,
  ),
  denial('a forged verdict', ['error', 'value'], `import os\n${body(`os.write(4, b"forged")`)}`),
  denial('result of 100 MB', ['too-large', 'memory'], body(`return "x" * 100_000_000`)),
  denial('list of a million texts', ['too-large', 'memory', 'timeout'], body(`return ["x"] * 1_000_000`)),
  denial('300 MB of prints', ['value', 'timeout'], body(`for _ in range(300): print("x" * 1_000_000)\nreturn True`)),
  denial('fork bomb', ['error'], `import os\n${body(`while True: os.fork()`)}`),
  denial('threads', ['error'], `import _thread\n${body(`while True: _thread.start_new_thread(print, ())`)}`),
  denial('disk filled', ['error'], body(`with open("/tmp/whetstone-attack", "w") as f:\n    while True: f.write("x" * 1_000_000)`)),
  denial(
    'built-ins replaced',
    ['value', 'error', 'invalid'],
    `import builtins\n${body(`builtins.len = builtins.isinstance = builtins.str = lambda *a: 1 / 0\nreturn True`)}`,
  ),
  denial('NaN', ['invalid'], body(`return float("nan")`)),
  denial('nothing', ['invalid'], body(`pass`)),
  denial('a function', ['invalid'], body(`return evaluate`)),
  denial('lone surrogate and NUL', ['value'], body(`return "\\ud800\\0"`)),
  denial('error whose text raises', ['error'], `class E(Exception):\n    def __str__(self): raise ValueError\n${body(`raise E()`)}`),
  denial(
    'signal handlers and alarms',
    ['timeout', 'error'],
    body(`import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: pass`),
  ),
];

/** With the inner layer gone: modules that reach the kernel are there, as for native code inside the process. */
export const nativeModules = [
  'ctypes',
  'socket',
  'subprocess',
  'threading',
  'multiprocessing',
  'urllib.request',
  'fcntl',
  'select',
  'signal',
];

export const nativeProbes: readonly Attack[] = [
  found('TCP connection', `socket.create_connection(("127.0.0.1", ${marker}))`, 'import socket'),
  found('UDP', `socket.socket(socket.AF_INET, socket.SOCK_DGRAM)`, 'import socket'),
  found('socket pair', `socket.socketpair()`, 'import socket'),
  found('HTTP request', `urllib.request.urlopen("http://127.0.0.1:${marker}/").status`, 'import urllib.request'),
  found('subprocess', `subprocess.check_output(["/bin/sh", "-c", "id"])`, 'import subprocess'),
  found('thread', `threading.Thread(target=print).start() or "ran"`, 'import threading'),
  found('signal to the parent, raw', `"" if ctypes.CDLL(None).kill(os.getppid(), 0) else "could"`, 'import ctypes, os'),
  found('raw socket()', `"" if ctypes.CDLL(None).socket(2, 1, 0) < 0 else "made"`, 'import ctypes'),
  found('raw ptrace()', `"" if ctypes.CDLL(None).ptrace(0, 0, 0, 0) < 0 else "did"`, 'import ctypes'),
  found('raw unshare()', `"" if ctypes.CDLL(None).unshare(0x10000000) < 0 else "did"`, 'import ctypes'),
  found('raw open()', `"" if ctypes.CDLL(None).open(b"/etc/passwd", 0) < 0 else "opened"`, 'import ctypes'),
  found(
    'raw memory of another process',
    `"" if ctypes.CDLL(None).syscall(310, os.getppid(), 0, 0, 0, 0, 0) < 0 else "did"`,
    'import ctypes, os',
  ),
  found('the filter taken off', `"" if ctypes.CDLL(None).prctl(22, 0, 0, 0, 0) < 0 else "did"`, 'import ctypes'),
];

export const nativeDenials: readonly Attack[] = [
  denial('null dereference', ['error'], `import ctypes\n${body(`ctypes.string_at(0)`)}`),
  denial(
    'memory beyond its limit, by mmap',
    ['memory', 'error'],
    `import ctypes\n${body(`libc = ctypes.CDLL(None)\nlibc.mmap.restype = ctypes.c_long\nsize = 0\nwhile libc.mmap(None, 1 << 24, 3, 0x22, -1, 0) != -1: size += 1 << 24\nassert size < 256 << 20\nraise MemoryError`)}`,
  ),
  denial('fork, raw', ['error'], `import ctypes\n${body(`assert ctypes.CDLL(None).fork() >= 0`)}`),
  denial(
    'read of the next job',
    ['error', 'timeout', 'value'],
    `import ctypes\n${body(`buffer = ctypes.create_string_buffer(64)\nassert ctypes.CDLL(None).read(0, buffer, 64) >= 0`)}`,
  ),
];
