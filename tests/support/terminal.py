#!/usr/bin/env python3
"""terminal.py COMMAND [ARG...] <STEPS: COMMAND at a terminal of its own.

A step a line, done in order; the first that fails ends it with 1 and what was
on the screen since the step before:
    expect REGEX    wait until that has been printed, 20 seconds at the most
    never REGEX     not printed within half a second; what was printed stays
    send TEXT       type, with the escapes of Python: \\n, \\x03 is Ctrl-C
    say WORD        type it as a line, again and again, until "got WORD" has
                    been printed: what is typed while a shell changes the
                    terminal's mode may wait there for the next line
    resize ROWS COLUMNS
    sleep SECONDS
    do COMMAND      run by sh -c, outside of the terminal; has to succeed
    hangup          close the terminal
    exit CODE       wait until COMMAND has ended, with this code
COMMAND leads a session, and who is left of that is killed at the end. PID in the environment of
"do" is its process.
"""
import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time

LIMIT = 20


class Failure(Exception):
    pass


class TooLate(Failure):
    pass


class Terminal:
    def __init__(self, argv):
        self.screen = b''
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp(argv[0], argv)

    def read(self, deadline):
        """Wait for more to be printed, until then."""
        left = max(0, deadline - time.monotonic())
        if not select.select([self.fd], [], [], left)[0]:
            raise TooLate('not seen')
        try:
            self.screen += os.read(self.fd, 65536)
        except OSError:
            raise Failure('not seen, and nobody is at the terminal') from None

    def expect(self, regex, limit=LIMIT):
        deadline = time.monotonic() + limit
        while not (found := re.search(regex.encode(), self.screen)):
            self.read(deadline)
        self.screen = self.screen[found.end():]

    def never(self, regex):
        deadline = time.monotonic() + 0.5
        try:
            while True:
                self.read(deadline)
        except TooLate:
            pass
        if re.search(regex.encode(), self.screen):
            raise Failure('seen')

    def send(self, text):
        os.write(self.fd, text.encode().decode('unicode_escape').encode())

    def say(self, word):
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            self.send(word + '\\n')
            try:
                return self.expect('got ' + word, 0.5)
            except TooLate:
                pass
        raise Failure('no answer')

    def resize(self, size):
        rows, columns = map(int, size.split())
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack('HHHH', rows, columns, 0, 0))

    def sleep(self, seconds):
        time.sleep(float(seconds))

    def do(self, command):
        env = dict(os.environ, PID=str(self.pid))
        done = subprocess.run(['sh', '-c', command], env=env, timeout=LIMIT)
        if done.returncode:
            raise Failure(f'exit status {done.returncode}')

    def hangup(self, _):
        os.close(self.fd)

    def exit(self, code):
        deadline = time.monotonic() + LIMIT
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline:
                raise Failure('goes on')
            time.sleep(0.02)
        got = os.waitstatus_to_exitcode(status)
        if got != int(code):
            raise Failure(f'exit code {got}')

    def end(self):
        left = subprocess.run(['ps', '-o', 'pid=', '-s', str(self.pid)],
                              stdout=subprocess.PIPE, text=True).stdout
        for pid in left.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)


def main():
    terminal = Terminal(sys.argv[1:])
    try:
        return follow(terminal)
    finally:
        terminal.end()


def follow(terminal):
    for line in sys.stdin.read().splitlines():
        if not line.strip():
            continue
        verb, _, rest = line.partition(' ')
        try:
            getattr(terminal, verb)(rest)
        except Failure as why:
            print(f'{line}: {why}; on the screen: {terminal.screen!r}')
            subprocess.run(['pstree', '-apg', str(terminal.pid)])
            return 1
    return 0


sys.exit(main())
