"""The real programs of a test, and waiting for what they do. What they say goes into files of the
work folder.

The test that imports it gets the arguments SOURCE_DIR BIN_DIR WORK_DIR.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

source, binaries, work = sys.argv[1:]
running = []


def start(name, command, environment=None, end=signal.SIGKILL):
    """Starts a program, which the end of the test ends by that signal."""
    out, err = (open("%s/%s.%s" % (work, name, kind), "a") for kind in ("out", "log"))
    process = subprocess.Popen(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL,
                               env={**os.environ, **(environment or {})})
    running.append((process, end))
    return process


def end_all():
    for process, how in running:
        process.send_signal(how)
    for process, _ in running:
        process.wait()


def until(what, found, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            value = found()
            if value:
                return value
        except (OSError, urllib.error.URLError, ValueError):
            pass  # it is not there yet
        time.sleep(0.05)
    for name in sorted(os.listdir(work)):
        if name.endswith(".log"):
            print("----", name, open("%s/%s" % (work, name)).read()[-2000:], sep="\n", file=sys.stderr)
    sys.exit("waited in vain: " + what)


def line_of(name, prefix, after=0):
    """What follows the prefix in the newest such line of a file, beyond its first `after` bytes."""
    text = open("%s/%s" % (work, name)).read()[after:]
    found = re.findall("^" + re.escape(prefix) + "(.*)$", text, re.M)
    return found[-1] if found else None


class Sandbox:
    def __init__(self, name, flags):
        start(name, [binaries + "/logexport-sandbox", "--listen", "127.0.0.1:0", *flags])
        self.url = until("the sandbox", lambda: line_of(name + ".out", "  AUTH0_BASE_URL=")
                         or line_of(name + ".log", "  AUTH0_BASE_URL="))
        text = open("%s/%s.out" % (work, name)).read() + open("%s/%s.log" % (work, name)).read()
        # What a service needs to export from it.
        self.environment = dict(re.findall(r"^  ([A-Z0-9_]+)=(.*)$", text, re.M))

    def admin(self, path, body=b"", method="POST"):
        request = urllib.request.Request("%s/_sandbox/%s" % (self.url, path), data=body, method=method)
        return urllib.request.urlopen(request, timeout=30).read()

    def fault(self, **rule):
        self.admin("faults", json.dumps(rule).encode())


class Service:
    def __init__(self, name, state, flags, environment):
        self.name, self.state, self.flags, self.environment = name, state, list(flags), environment
        self.port = "127.0.0.1:0"
        self.start()

    def start(self):
        out = "%s/%s.out" % (work, self.name)
        said = os.path.getsize(out) if os.path.exists(out) else 0
        self.process = start(self.name, [binaries + "/logexportd", "--listen", "127.0.0.1:0", "--http-listen",
                                         self.port, "--state", self.state, *self.flags], self.environment)
        self.address = until("the service " + self.name, lambda: line_of(self.name + ".out", "listening on ", said))
        self.http = until("its HTTP", lambda: line_of(self.name + ".out", "http on ", said))
        self.port = self.http  # Prometheus looks for it in the same place after a restart

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(30)

    def probe(self, path):
        """The status of the answer."""
        try:
            return urllib.request.urlopen("http://%s%s" % (self.http, path), timeout=30).status
        except urllib.error.HTTPError as refused:
            return refused.code

    def control(self, *arguments, wanted=(0,)):
        done = subprocess.run([binaries + "/logexportctl", *arguments], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, env={**os.environ, "LOGEXPORT_SERVER": self.address})
        if done.returncode not in wanted:
            sys.exit("%s: exit status %d\n%s%s" % (arguments, done.returncode, done.stdout, done.stderr))
        return done.stdout
