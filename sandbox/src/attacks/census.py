"""Calls every function of the kernel that its filter should refuse, and tells those that are not."""
import ctypes
import errno
import os

ALLOWED = {
    "x86_64": {0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 20, 24, 25, 28, 32, 35, 39, 60, 96, 98, 100, 102, 104, 107, 108,
               131, 186, 202, 219, 228, 229, 230, 231, 318, 324, 334, 335, 336},
    "aarch64": {23, 57, 62, 63, 64, 66, 80, 93, 94, 98, 101, 113, 114, 115, 124, 128, 132, 134, 135, 139, 153, 165, 169,
                172, 174, 175, 176, 177, 178, 214, 215, 216, 222, 226, 233, 278, 283, 293},
}  # fmt: skip


def evaluate(log):
    kernel = ctypes.CDLL(None, use_errno=True)
    allowed = max(ALLOWED.values(), key=lambda numbers: kernel.syscall(39, 0) > 0 and 39 in numbers)
    wrong = []
    for number in range(470):
        if number in allowed:
            continue
        ctypes.set_errno(0)
        if kernel.syscall(number, 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != errno.EPERM:
            wrong.append(str(number))
    return " ".join(wrong)
