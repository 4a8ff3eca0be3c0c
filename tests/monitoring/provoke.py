"""Does to real services what each alert is about, and waits until a real Prometheus fires it.

usage: provoke.py SOURCE_DIR BIN_DIR WORK_DIR
"""

import datetime
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

source, binaries, work = sys.argv[1:]
running = []


def start(name, command, environment=None):
    """Starts a program; what it says goes into files of the work folder."""
    out, err = (open("%s/%s.%s" % (work, name, kind), "a") for kind in ("out", "log"))
    process = subprocess.Popen(command, stdout=out, stderr=err, env={**os.environ, **(environment or {})})
    running.append(process)
    return process


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


def ago(minutes):
    return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes)


def log_at(time_of_log, **more):
    log_at.count += 1
    return {"log_id": "900" + time_of_log.strftime("%Y%m%d%H%M%S") + "%039d" % log_at.count,
            "date": time_of_log.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "type": "s", "user_id": "auth0|1", "client_id": "c1", "ip": "203.0.113.9", **more}


log_at.count = 0


class Exporter:
    """A sandbox and the service that exports from it."""

    def __init__(self, name, logs=None, generate=0, sandbox_flags=(), flags=(), **environment):
        self.name = name
        self.state = "%s/%s.db" % (work, name)
        command = [binaries + "/logexport-sandbox", "--listen", "127.0.0.1:0", *sandbox_flags]
        if logs is not None:
            path = "%s/%s.ndjson" % (work, name)
            with open(path, "w") as file:
                file.writelines(json.dumps(log) + "\n" for log in logs)
            command += ["--logs", path]
        else:
            command += ["--generate", str(generate)]
        start(name + "-sandbox", command)
        self.sandbox = until("the sandbox", lambda: line_of(name + "-sandbox.out", "  AUTH0_BASE_URL=")
                             or line_of(name + "-sandbox.log", "  AUTH0_BASE_URL="))
        text = open("%s/%s-sandbox.out" % (work, name)).read() + open("%s/%s-sandbox.log" % (work, name)).read()
        self.environment = dict(re.findall(r"^  ([A-Z0-9_]+)=(.*)$", text, re.M))
        self.environment.update({"SCHEDULE": "0 0 0 1 1 *", "SEGMENT_MAX_EVENTS_PER_SECOND": "0", **environment})
        self.flags = list(flags)
        self.port = "127.0.0.1:0"
        self.start()

    def start(self):
        said = os.path.getsize("%s/%s.out" % (work, self.name)) if os.path.exists("%s/%s.out" % (work, self.name)) else 0
        self.process = start(self.name, [binaries + "/logexportd", "--listen", "127.0.0.1:0", "--http-listen",
                                         self.port, "--state", "sqlite:" + self.state, *self.flags], self.environment)
        self.address = until("the service " + self.name, lambda: line_of(self.name + ".out", "listening on ", said))
        self.http = until("its HTTP", lambda: line_of(self.name + ".out", "http on ", said))
        self.port = self.http  # Prometheus looks for it in the same place after a restart

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(30)

    def admin(self, path, body=b"", method="POST"):
        request = urllib.request.Request("%s/_sandbox/%s" % (self.sandbox, path), data=body, method=method)
        return urllib.request.urlopen(request, timeout=30).read()

    def fault(self, **rule):
        self.admin("faults", json.dumps(rule).encode())

    def control(self, *arguments, wanted=(0,)):
        done = subprocess.run([binaries + "/logexportctl", *arguments], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, env={**os.environ, "LOGEXPORT_SERVER": self.address})
        if done.returncode not in wanted:
            sys.exit("%s: exit status %d\n%s%s" % (arguments, done.returncode, done.stdout, done.stderr))
        return done.stdout

    def edit(self, statement):
        connection = sqlite3.connect(self.state, timeout=30)
        with connection:
            connection.execute(statement)
        connection.close()


class Prometheus:
    def __init__(self, targets, encrypted):
        rules = open(source + "/service/package/prometheus/alerts.yaml").read()
        self.alerts = set(re.findall(r"- alert: (\w+)", rules))
        rules = re.sub(r"^( *for:) .*", r"\1 1s", rules, flags=re.M)
        rules = re.sub(r"\[\d+m\]", "[5s]", rules)
        rules = rules.replace("512 * 1024 * 1024", "4 * 1024 * 1024")
        open(work + "/alerts.yaml", "w").write(rules)
        open(work + "/prometheus.yaml", "w").write("""
global: {scrape_interval: 500ms, evaluation_interval: 500ms}
rule_files: [alerts.yaml]
scrape_configs:
  - job_name: logexport
    static_configs: [{targets: %s}]
  - job_name: encrypted
    scheme: https
    tls_config: {insecure_skip_verify: true}
    static_configs: [{targets: %s}]
    relabel_configs: [{target_label: job, replacement: logexport}]
""" % (json.dumps(targets), json.dumps(encrypted)))
        start("prometheus", ["prometheus", "--config.file=%s/prometheus.yaml" % work,
                             "--storage.tsdb.path=%s/data" % work, "--web.listen-address=127.0.0.1:0"])
        self.base = "http://" + until("Prometheus", self.address)

    @staticmethod
    def address():
        found = re.search(r'msg="Listening on" address=(\S+)', open(work + "/prometheus.log").read())
        return found and found.group(1)

    def firing(self):
        with urllib.request.urlopen(self.base + "/api/v1/alerts", timeout=30) as answer:
            alerts = json.load(answer)["data"]["alerts"]
        return {a["labels"]["alertname"] for a in alerts if a["state"] == "firing"}


def certificate():
    """One that is valid for a day."""
    paths = ["%s/tls.%s" % (work, kind) for kind in ("pem", "key")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "1", "-subj", "/CN=localhost", "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)
    return ["--tls-cert", paths[0], "--tls-key", paths[1]]


def main():
    # Two logs of long ago: the first one is exported, the second one never.
    old = Exporter("old", [log_at(ago(50)), log_at(ago(40))])
    refused = Exporter("refused", [log_at(ago(5)), log_at(ago(4), description="POISON"), log_at(ago(3))])
    slow = Exporter("slow", generate=3000, sandbox_flags=["--clock-offset", "-90s"], SEGMENT_MAX_EVENTS_PER_SECOND="20")
    locked = Exporter("locked", generate=500)
    sealed = Exporter("sealed", generate=10, flags=certificate())
    prometheus = Prometheus([e.http for e in (old, refused, slow, locked)], [sealed.http])
    # An answer that is lost on its way from the store cannot be provoked from outside.
    left = prometheus.alerts - {"LogexportStoreInDoubt"}

    def fires(*alerts):
        for alert in alerts:
            until(alert, lambda: alert in prometheus.firing())
            left.discard(alert)
            print("ok:", alert, flush=True)

    # All services have exporters of the same name.
    fires("LogexportTwoOwners", "LogexportMemoryHigh", "LogexportCertificateExpiresSoon")

    slow.fault(endpoint="logs", action="status", status=429, headers={"Retry-After": "2"})
    slow.control("run-now")
    fires("LogexportRateLimited", "LogexportClockSkew")

    refused.fault(endpoint="segment", action="status", status=400, contains="POISON")
    refused.control("run-now", "--wait", wanted=(4,))
    fires("LogexportDeadLetters")
    # Another writer moves the checkpoint under a run.
    refused.admin("faults", method="DELETE")
    refused.admin("generate?count=2000")
    refused.fault(endpoint="segment", action="delay", delay_ms=1000)
    refused.control("run-now")
    refused.edit("UPDATE checkpoints SET version = version + 1")
    fires("LogexportFencedCommits")

    # Another program holds the store for longer than a run waits for its last commit.
    locked.fault(endpoint="segment", action="delay", delay_ms=1000)
    locked.control("run-now")
    lock = sqlite3.connect(locked.state, isolation_level=None, timeout=30)
    lock.execute("BEGIN IMMEDIATE")
    fires("LogexportStoreErrors")
    locked.stop()
    lock.execute("ROLLBACK")
    locked.start()

    old.control("run-now", "--wait", "--max-logs", "1")
    old.fault(endpoint="segment", action="status", status=401)
    old.fault(endpoint="slack", action="status", status=500)
    old.control("update-config", "--schedule.cron", "* * * * * *", "--auth0.retention", "1h", "--yes")
    fires("LogexportFailing", "LogexportSilent", "LogexportLagGrowing", "LogexportRetentionRisk")
    old.edit("UPDATE outbox SET created = created - 3600000000")
    fires("LogexportOutboxStuck")
    # The schedule names every second.
    old.stop(signal.SIGKILL)
    killed = time.monotonic()
    fires("LogexportDown")
    until("several fires that are missed", lambda: time.monotonic() > killed + 4)
    old.start()
    fires("LogexportFiresMissed")

    sealed.stop()
    sealed.edit("UPDATE audit SET caller = 'somebody else' WHERE sequence = 1")
    sealed.start()
    fires("LogexportAuditChainBroken")

    if left:
        sys.exit("not provoked: " + ", ".join(sorted(left)))
    print("ok: %d of %d alerts fired" % (len(prometheus.alerts) - 1, len(prometheus.alerts)))


try:
    main()
finally:
    for process in running:
        process.kill()
        process.wait()
