"""Runs a command on a terminal of its own and copies what it writes there.

What comes on the standard input is typed into it, with `^C` for Ctrl-C. At the end comes how the
command ended.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios

rows, columns = int(sys.argv[1]), int(sys.argv[2])
command, terminal = pty.fork()
if command == 0:
    # Until the room is set, so that nothing is laid out before.
    sys.stdin.readline()
    os.execv(sys.argv[3], sys.argv[3:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
os.write(terminal, b"\n")
open_ends = [terminal, 0]
while terminal in open_ends:
    ready, _, _ = select.select(open_ends, [], [])
    if terminal in ready:
        try:
            written = os.read(terminal, 65536)
        except OSError:
            written = b""
        if not written:
            break
        os.write(1, written)
    if 0 in ready:
        typed = os.read(0, 4096)
        if not typed:
            open_ends.remove(0)
        os.write(terminal, typed.replace(b"^C\n", b"\x03"))
_, status = os.waitpid(command, 0)
ended = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
print(f"\nended: {ended}")
