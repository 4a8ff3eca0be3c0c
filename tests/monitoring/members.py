"""A PostgreSQL of the test's own, and members on it, of which one is behind a proxy."""

import contextlib
import glob
import os
import signal
import socket
import subprocess
import sys
import threading

import programs
from programs import until, work

ORDINARY_USER = 65534  # the server refuses root


class Server:
    """Reached over a socket in the work folder only."""

    def __init__(self):
        self.programs = max(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[-2]))
        self.folder = work + "/postgresql"
        os.mkdir(self.folder)
        self.as_user = []
        if os.geteuid() == 0:
            os.chmod(work, 0o711)
            os.chown(self.folder, ORDINARY_USER, ORDINARY_USER)
            self.as_user = ["setpriv", "--reuid=%d" % ORDINARY_USER, "--regid=%d" % ORDINARY_USER, "--clear-groups"]
        subprocess.run([*self.as_user, self.programs + "/initdb", "-D", self.folder + "/data", "-U", "owner", "-E",
                        "UTF8", "--locale=C.UTF-8", "--no-sync", "--auth=trust"], check=True,
                       stdout=subprocess.DEVNULL, cwd=self.folder)
        settings = ("listen_addresses=", "unix_socket_directories=" + self.folder, "fsync=off", "shared_buffers=16MB",
                    "log_min_messages=fatal")
        programs.start("postgresql", [*self.as_user, self.programs + "/postgres", "-D", self.folder + "/data",
                                      *(word for setting in settings for word in ("-c", setting))],
                       end=signal.SIGQUIT)
        self.socket = self.folder + "/.s.PGSQL.5432"
        until("PostgreSQL", lambda: self.query("SELECT 1", check=False) == "1")

    def query(self, *statements, check=True):
        command = [self.programs + "/psql", "-X", "-At", "-h", self.folder, "-U", "owner", "-d", "postgres"]
        for statement in statements:
            command += ["-c", statement]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if check and done.returncode != 0:
            sys.exit("%s: %s" % (statements, done.stderr))
        return done.stdout.strip()

    def url(self):
        return "postgresql://owner@/postgres?host=" + self.folder

    @contextlib.contextmanager
    def without_its_standby(self):
        """As if a synchronous standby were gone: commits wait for it, until somebody makes them go on,
        as operators and failover programs do."""
        ended = threading.Event()

        def make_go_on():
            while not ended.is_set():
                self.query("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")

        somebody = threading.Thread(target=make_go_on)
        self.query("ALTER SYSTEM SET synchronous_standby_names = 'gone'", "SELECT pg_reload_conf()")
        somebody.start()
        try:
            yield
        finally:
            self.query("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
            ended.set()
            somebody.join()


class Proxy:
    """Stands between a member and the server. Armed, it lets the next commit of a run through to the
    server, and then nothing any more: neither the answer, nor other connections, old or new."""

    def __init__(self, server):
        self.server = server
        self.armed = False
        self.cut = threading.Event()
        self.lock = threading.Lock()
        self.sockets = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.accept, daemon=True).start()

    def url(self):
        return "postgresql://owner@127.0.0.1:%d/postgres?sslmode=disable" % self.listener.getsockname()[1]

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            with self.lock:
                if self.cut.is_set():
                    client.close()
                    continue
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.server.socket)
                self.sockets |= {client, server}
            commits = threading.Event()  # of this connection, on its way to the server
            for pump, ends in ((self.to_server, (client, server)), (self.to_client, (server, client))):
                threading.Thread(target=self.serve, args=(pump, *ends, commits), daemon=True).start()

    def serve(self, pump, origin, target, commits):
        try:
            while piece := origin.recv(1 << 16):
                if pump(piece, commits):
                    target.sendall(piece)
        except OSError:
            pass
        for end in (origin, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def to_server(self, piece, commits):
        if self.armed and b"UPDATE runs" in piece and b"COMMIT" in piece:
            commits.set()
        return True

    def to_client(self, piece, commits):
        if not commits.is_set():
            return True
        if b"COMMIT\0" in piece:  # the server has done it
            self.end_all()
        return False

    def end_all(self):
        with self.lock:
            self.cut.set()
            for end in self.sockets:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


class Pair:
    """Two members that share two exporters, `both` and `left`: only the left one can read the secrets
    of `left`, and it is the one behind the proxy."""

    def __init__(self):
        self.server = Server()
        self.proxy = Proxy(self.server)
        # With a rate limit to see, which no test reaches.
        self.sandbox = programs.Sandbox("members-sandbox", ["--generate", "400", "--logs-rate-limit", "10000/10000"])
        given = self.sandbox.environment
        keys, config = work + "/members.keys", work + "/members.yaml"
        with open(os.open(keys, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write("key-1 MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n")
        with open(config, "w") as file:
            file.write("exporters:\n")
            for exporter, secret in (("both", "SECRET_OF_BOTH"), ("left", "SECRET_OF_LEFT")):
                file.write("""
  - id: %s
    schedule: {cron: "0 0 0 1 1 *"}
    auth0: {domain: %s, base_url: "%s", client_id: %s, audience: "%s", client_secret: "env:%s"}
    segment: {endpoint: "%s", write_key: "env:MEMBERS_KEY", max_events_per_second: 0}
    completeness: {ages: [1s], interval: 1s}
""" % (exporter, given["AUTH0_DOMAIN"], given["AUTH0_BASE_URL"], given["AUTH0_CLIENT_ID"], given["AUTH0_AUDIENCE"],
                    secret, given["SEGMENT_ENDPOINT"]))
        flags = ["--secret-key-file", keys, "--config", config]
        secrets = {"SECRET_OF_BOTH": given["AUTH0_CLIENT_SECRET"], "MEMBERS_KEY": given["SEGMENT_KEY"]}
        self.left = programs.Service("member-left", self.proxy.url(), flags,
                                     {**secrets, "SECRET_OF_LEFT": given["AUTH0_CLIENT_SECRET"]})
        # Alone it takes all that there is.
        until("an owner of both", lambda: self.free() == "0")
        self.right = programs.Service("member-right", self.server.url(), flags, secrets)

    def free(self):
        return self.server.query("SELECT count(*) FROM checkpoints WHERE owner = ''")
