"""Forks once per job. The zygote reads nothing: what a tenant sends is read by the child that it is for, so that no later child
can find it in the memory that it inherits. Verdicts go by a pipe that children have closed, so none can forge another's.
"""
import gc
import importlib
import os
import resource
import struct
import sys

import evaluate

JOBS, DATA, ANSWERS, CONTROL = 0, 1, 3, 4
HEADER = struct.Struct("<III")  # bytes of the job, memory in MB, seconds of CPU
NO_MORE_JOBS, FAILED = 7, 8


def read_exactly(fd, length):
    parts = []
    while length > 0:
        part = os.read(fd, min(length, 1 << 20))
        if not part:
            os._exit(NO_MORE_JOBS)
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def import_all(names):
    """Imports before the jail closes. Returns name -> None, or what went wrong."""
    outcome = {}
    for name in names:
        try:
            importlib.import_module(name)
            outcome[name] = None
        except BaseException as error:  # a broken package must not end the zygote
            outcome[name] = f"{type(error).__name__}: {error}"[:300]
    return outcome


def address_space():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def limit(what, most):
    resource.setrlimit(what, (most, most))


def serve(setup, jail):
    modules = import_all(setup["modules"])
    evaluate.prepare(name for name, problem in modules.items() if problem is None)
    base = address_space()
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 2)
    os.close(null)
    os.environ.clear()
    had = jail.confine(setup)
    filter_ = jail.python_filter()
    gc.collect()
    gc.freeze()
    jail.report({"jail": had, "ready": True, "modules": modules, "version": sys.version.split()[0]})
    while True:
        # Forked ahead of its job, so that no caller waits for a fork.
        child = os.fork()
        if child == 0:
            code = FAILED
            try:
                os.close(CONTROL)
                jail.prctl(jail.PR_SET_PDEATHSIG, jail.SIGKILL, "die with the parent")  # a fork forgets it
                code = one_job(jail, filter_, base)
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == NO_MORE_JOBS:
            os._exit(0)
        jail.report({"status": status})
        if status != 0:
            os._exit(0)  # part of its job may still be in the pipe


def one_job(jail, filter_, base):
    """In the child, which alone sees what a tenant sent."""
    evaluate.warm()
    head = os.read(JOBS, HEADER.size)
    if not head:
        return NO_MORE_JOBS
    length, memory_mb, cpu_seconds = HEADER.unpack(head + read_exactly(JOBS, HEADER.size - len(head)))
    job = read_exactly(JOBS, length)
    os.close(JOBS)
    limit(resource.RLIMIT_AS, base + (memory_mb << 20))
    limit(resource.RLIMIT_CPU, cpu_seconds)
    jail.load_filter(filter_)
    evaluate.run(job, DATA, ANSWERS)
    return 0
