"""Jails a runner, then becomes it: `python3 -s -S -B jail.py SETUP`, SETUP being JSON (see `launch.ts`).

Nothing native is built: the kernel is called through ctypes, and the programs for seccomp are written here, eight bytes an
instruction. Order matters: death with the parent, namespaces, an empty root, another user, no new privileges, limits,
Landlock, and seccomp last. What cannot be had is reported on the control pipe, and whoever started this decides.

File descriptors: 0 jobs in, 1 data out, 2 nothing, 3 answers in, 4 control out.
"""
import ctypes
import json
import os
import resource
import struct
import sys

CONTROL = 4
libc = ctypes.CDLL(None, use_errno=True)

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
SIGKILL = 9
CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x20000, 0x02000000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET, CLONE_THREAD = 0x10000000, 0x20000000, 0x40000000, 0x10000
NOBODY = 65534


class Refused(Exception):
    """The kernel refused something that this jail does not go without."""


def checked(result, what):
    if result < 0:
        raise Refused(f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


def prctl(option, value, what):
    checked(libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0), what)


# --- seccomp ---------------------------------------------------------------------------------------------------------

ARCHES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
ALLOW, EPERM, ENOSYS, KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
AT_EMPTY_PATH, MAP_SHARED = 0x1000, 0x1

# (x86_64, aarch64); None where the architecture has none. These are all that Python's child may call.
PYTHON_ALLOWED = {
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "fstat": (5, 80), "lseek": (8, 62), "mmap": (9, 222),
    "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139), "writev": (20, 66), "sched_yield": (24, 124), "mremap": (25, 216), "madvise": (28, 233),
    "dup": (32, 23), "nanosleep": (35, 101), "getpid": (39, 172), "exit": (60, 93), "gettimeofday": (96, 169),
    "getrusage": (98, 165), "times": (100, 153), "getuid": (102, 174), "getgid": (104, 176), "geteuid": (107, 175),
    "getegid": (108, 177), "sigaltstack": (131, 132), "gettid": (186, 178), "futex": (202, 98),
    "restart_syscall": (219, 128), "clock_gettime": (228, 113), "clock_getres": (229, 114), "clock_nanosleep": (230, 115),
    "exit_group": (231, 94), "getrandom": (318, 278), "membarrier": (324, 283), "rseq": (334, 293),
}  # fmt: skip

# Node needs too much for a list of what it may: this is what it may not. Files are Landlock's part.
NODE_DENIED = {
    "socket": (41, 198), "connect": (42, 203), "accept": (43, 202), "sendto": (44, 206), "recvfrom": (45, 207),
    "sendmsg": (46, 211), "recvmsg": (47, 212), "bind": (49, 200), "listen": (50, 201), "socketpair": (53, 199),
    "accept4": (288, 242), "recvmmsg": (299, 243), "sendmmsg": (307, 269), "fork": (57, None), "vfork": (58, None),
    "execve": (59, 221), "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "kcmp": (312, 272), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142),
    "swapon": (167, 224), "swapoff": (168, 225), "sethostname": (170, 161), "setdomainname": (171, 162), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219), "memfd_create": (319, 279), "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195),
    "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265), "modify_ldt": (154, None), "iopl": (172, None), "ioperm": (173, None),
    "acct": (163, 89), "quotactl": (179, 60), "personality": (135, 92), "settimeofday": (164, 170), "adjtimex": (159, 171),
    "clock_settime": (227, 112), "mknod": (133, None), "mknodat": (259, 33), "inotify_add_watch": (254, 27),
    "fanotify_init": (300, 262), "move_pages": (279, 239), "migrate_pages": (256, 238), "setpriority": (141, 140),
    "ioprio_set": (251, 30), "sched_setparam": (142, 118), "sched_setscheduler": (144, 119), "sched_setattr": (314, 274),
    "sched_setaffinity": (203, 122), "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "chown": (92, None),
    "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None),
    "futimesat": (261, None), "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
}  # fmt: skip
# From pidfd_send_signal on, numbers are the same everywhere; what is newer than this program is refused, save these three.
FIRST_COMMON = 424
COMMON_ALLOWED = (436, 439, 441)  # close_range, faccessat2, epoll_pwait2
CLONE, EXECVEAT, MMAP, PRLIMIT = (56, 220), (322, 281), (9, 222), (302, 261)


def instruction(code, yes, no, value):
    return struct.pack("<HBBI", code, yes, no, value)


def answer(value):
    return instruction(RETURN, 0, 0, value)


def head():
    arch = ARCHES[os.uname().machine][0]
    lines = [instruction(LOAD, 0, 0, 4), instruction(EQUAL, 1, 0, arch), answer(KILL), instruction(LOAD, 0, 0, 0)]
    if os.uname().machine == "x86_64":
        lines += [instruction(AT_LEAST, 0, 1, 0x40000000), answer(KILL)]  # the x32 numbers
    return lines


def of_machine(pair):
    return pair[ARCHES[os.uname().machine][1]]


def python_filter():
    lines = head()
    for pair in PYTHON_ALLOWED.values():
        lines += [instruction(EQUAL, 0, 1, of_machine(pair)), answer(ALLOW)]
    return b"".join([*lines, answer(EPERM)])


def argument(index):
    """Low half of an argument of the call."""
    return instruction(LOAD, 0, 0, 16 + 8 * index)


def node_filter(program_fd):
    lines = head()
    for pair in NODE_DENIED.values():
        number = of_machine(pair)
        if number is not None:
            lines += [instruction(EQUAL, 0, 1, number), answer(EPERM)]
    # A new thread is allowed, a new process is not.
    lines += [instruction(EQUAL, 0, 4, of_machine(CLONE)), argument(0)]
    lines += [instruction(ANY_BIT, 0, 1, CLONE_THREAD), answer(ALLOW), answer(EPERM)]
    # The one program that starts: by its descriptor, which closes as it starts.
    lines += [instruction(EQUAL, 0, 4, of_machine(EXECVEAT)), argument(0)]
    lines += [instruction(EQUAL, 0, 1, program_fd), answer(ALLOW), answer(EPERM)]
    # Shared memory is not counted by RLIMIT_DATA.
    lines += [instruction(EQUAL, 0, 4, of_machine(MMAP)), argument(3)]
    lines += [instruction(ANY_BIT, 0, 1, MAP_SHARED), answer(EPERM), answer(ALLOW)]
    # Limits of oneself only.
    lines += [instruction(EQUAL, 0, 4, of_machine(PRLIMIT)), argument(0)]
    lines += [instruction(EQUAL, 0, 1, 0), answer(ALLOW), answer(EPERM)]
    for number in COMMON_ALLOWED:
        lines += [instruction(EQUAL, 0, 1, number), answer(ALLOW)]
    lines += [instruction(AT_LEAST, 0, 1, FIRST_COMMON), answer(ENOSYS)]
    return b"".join([*lines, answer(ALLOW)])


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("lines", ctypes.c_char_p)]


def load_filter(lines):
    program = Program(len(lines) // 8, lines)
    checked(libc.prctl(PR_SET_SECCOMP, ctypes.c_ulong(2), ctypes.byref(program), 0, 0), "seccomp")


# --- Landlock --------------------------------------------------------------------------------------------------------

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
EXECUTE, READ_FILE = 1, 4


def landlock(readable, executable):
    """Denies all files but those, TCP, signals and abstract sockets outward as far as the kernel can. Returns its version, 0: none."""
    version = libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return 0
    files = (1 << 13) - 1
    for since, bit in ((2, 13), (3, 14), (5, 15)):
        files |= (1 << bit) if version >= since else 0
    attributes = struct.pack("<QQQ", files, 3 if version >= 4 else 0, 3 if version >= 6 else 0)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = checked(libc.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(size), 0), "landlock_create_ruleset")
    for paths, rights in ((readable, READ_FILE), (executable, READ_FILE | EXECUTE)):
        for path in paths:
            try:
                place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            except OSError:
                continue  # a file that is not there needs no right
            rule = struct.pack("<Qi", rights, place)
            checked(libc.syscall(ADD_RULE, ruleset, 1, rule, 0), "landlock_add_rule")
            os.close(place)
    checked(libc.syscall(RESTRICT_SELF, ruleset, 0), "landlock_restrict_self")
    os.close(ruleset)
    return version


# --- namespaces ------------------------------------------------------------------------------------------------------

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
MNT_DETACH = 2


def mount(source, target, kind, flags):
    encode = lambda text: None if text is None else os.fsencode(text)  # noqa: E731
    checked(libc.mount(encode(source), encode(target), encode(kind), ctypes.c_ulong(flags), None), f"mount {target}")


def enter_namespaces():
    """New user, mount, network, process, IPC, host name and cgroup namespaces. False where that is not allowed."""
    uid, gid = os.geteuid(), os.getegid()
    flags = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWCGROUP
    if libc.unshare(flags | (0 if uid == 0 else CLONE_NEWUSER)) != 0:
        return False
    if uid != 0:
        for name, line in (("setgroups", "deny"), ("uid_map", f"{NOBODY} {uid} 1"), ("gid_map", f"{NOBODY} {gid} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(line)
    return True


def empty_root(paths):
    """A root with nothing in it but these files, all of it read-only."""
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    root = "/tmp"
    held = [(path, os.open(path, os.O_PATH | os.O_CLOEXEC)) for path in paths if os.path.exists(path)]
    mount("whetstone", root, "tmpfs", MS_NOSUID)
    for path, place in held:
        inside = root + path
        os.makedirs(os.path.dirname(inside), exist_ok=True)
        os.close(os.open(inside, os.O_CREAT | os.O_WRONLY, 0o600))
        mount(f"/proc/self/fd/{place}", inside, None, MS_BIND)
        os.close(place)
    mount(None, root, None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID)
    os.chdir(root)
    number = {"x86_64": 155, "aarch64": 41}[os.uname().machine]
    checked(libc.syscall(number, b".", b"."), "pivot_root")
    checked(libc.umount2(b".", MNT_DETACH), "umount")
    os.chdir("/")


def wait_outside():
    """Process 1 of the new namespace goes on; whoever started us waits here for its end, and dies with its parent."""
    child = os.fork()
    if child == 0:
        return
    for fd in (0, 1, 3, CONTROL):
        os.close(fd)
    _, status = os.waitpid(child, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF if hasattr(os, "waitstatus_to_exitcode") else 1)


def drop_capabilities():
    head_, nothing = struct.pack("<Ii", 0x20080522, 0), bytes(24)
    number = {"x86_64": 126, "aarch64": 91}[os.uname().machine]
    checked(libc.syscall(number, head_, nothing), "capset")


def become_nobody():
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    drop_capabilities()
    # A change of user forgets this.
    prctl(PR_SET_PDEATHSIG, SIGKILL, "die with the parent")
    prctl(PR_SET_DUMPABLE, 0, "no dumps")


# --- the whole -------------------------------------------------------------------------------------------------------


def confine(setup, readable=(), executable=()):
    """All of it but seccomp. Returns what was had, for the level that is shown."""
    prctl(PR_SET_PDEATHSIG, SIGKILL, "die with the parent")
    if os.getppid() != setup["parent"]:
        os._exit(0)
    namespaces = False
    if setup["namespaces"] and enter_namespaces():
        wait_outside()
        prctl(PR_SET_PDEATHSIG, SIGKILL, "die with the parent")
        empty_root([*readable, *executable])
        namespaces = True
    become_nobody()
    prctl(PR_SET_NO_NEW_PRIVS, 1, "no new privileges")
    for what, most in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, 64), (resource.RLIMIT_FSIZE, 1 << 20)):
        resource.setrlimit(what, (most, most))
    version = landlock(readable, executable)
    return {"namespaces": namespaces, "landlock": version, "seccomp": True, "uid": os.geteuid()}


def report(message):
    body = json.dumps(message).encode()
    os.write(CONTROL, struct.pack("<I", len(body)) + body)


def run_node(setup):
    fd = os.open(setup["node"], os.O_RDONLY | os.O_CLOEXEC)
    program = 63  # the last that RLIMIT_NOFILE leaves
    os.dup2(fd, program, inheritable=False)
    os.close(fd)
    report({"jail": confine(setup, setup["readable"], [setup["node"], *setup["libraries"]])})
    data = setup["data_mb"] << 20
    resource.setrlimit(resource.RLIMIT_DATA, (data, data))
    arguments = [setup["node"], *setup["arguments"]]
    argv = (ctypes.c_char_p * (len(arguments) + 1))(*[os.fsencode(text) for text in arguments], None)
    environment = (ctypes.c_char_p * 3)(b"OPENSSL_CONF=/dev/null", b"TZ=UTC", None)
    load_filter(node_filter(program))
    libc.syscall(of_machine(EXECVEAT), program, b"", argv, environment, AT_EMPTY_PATH)
    raise Refused(f"start {setup['node']}: {os.strerror(ctypes.get_errno())}")


def main():
    setup = json.loads(sys.argv[1])
    here = os.path.dirname(os.path.abspath(__file__))
    try:
        if os.uname().machine not in ARCHES:
            raise Refused(f"no system call table for {os.uname().machine}")
        if setup["program"] == "node":
            run_node(setup)
        sys.path.insert(0, here)
        import zygote

        sys.path.remove(here)
        zygote.serve(setup, sys.modules[__name__])
    except (Refused, OSError) as error:
        report({"refused": str(error)})
        os._exit(1)


if __name__ == "__main__":
    sys.path[:] = [path for path in sys.path if path not in ("", os.path.dirname(os.path.abspath(__file__)))]
    main()
