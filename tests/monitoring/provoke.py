"""Does to real services what each alert is about, and waits until a real Prometheus fires it.

usage: provoke.py SOURCE_DIR BIN_DIR WORK_DIR
"""

import datetime
import json
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import urllib.request

from members import Pair
from programs import Sandbox, Service, end_all, source, start, until, work


def ago(minutes):
    return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes)


def log_at(time_of_log, **more):
    log_at.count += 1
    return {"log_id": "900" + time_of_log.strftime("%Y%m%d%H%M%S") + "%039d" % log_at.count,
            "date": time_of_log.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "type": "s", "user_id": "auth0|1", "client_id": "c1", "ip": "203.0.113.9", **more}


log_at.count = 0


class Exporter(Service):
    """A sandbox and the service that exports from it, with the state in a file."""

    def __init__(self, name, logs=None, generate=0, sandbox_flags=(), flags=(), **environment):
        if logs is not None:
            path = "%s/%s.ndjson" % (work, name)
            with open(path, "w") as file:
                file.writelines(json.dumps(log) + "\n" for log in logs)
            source_of_logs = ["--logs", path]
        else:
            source_of_logs = ["--generate", str(generate)]
        self.sandbox = Sandbox(name + "-sandbox", [*sandbox_flags, *source_of_logs])
        self.file = "%s/%s.db" % (work, name)
        super().__init__(name, "sqlite:" + self.file, flags, {
            **self.sandbox.environment, "SCHEDULE": "0 0 0 1 1 *", "SEGMENT_MAX_EVENTS_PER_SECOND": "0", **environment})

    def edit(self, statement):
        connection = sqlite3.connect(self.file, timeout=30)
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
        self.begun = time.time()
        until("the first scrapes", lambda: self.value("sum(count_over_time(up[1h]))") >= 2 * len(targets + encrypted))

    @staticmethod
    def address():
        found = re.search(r'msg="Listening on" address=(\S+)', open(work + "/prometheus.log").read())
        return found and found.group(1)

    def get(self, path, **parameters):
        url = "%s/api/v1/%s?%s" % (self.base, path, urllib.parse.urlencode(parameters))
        with urllib.request.urlopen(url, timeout=30) as answer:
            return json.load(answer)["data"]

    def firing(self, **labels):
        return {a["labels"]["alertname"] for a in self.get("alerts")["alerts"]
                if a["state"] == "firing" and labels.items() <= a["labels"].items()}

    def value(self, query):
        """The value of the one series that the query answers; -1 while there is none."""
        series = self.get("query", query=query)["result"]
        return float(series[0]["value"][1]) if len(series) == 1 else -1

    def unanswered(self):
        """The queries of the dashboard that have had no answer at any time."""
        with open(source + "/service/package/grafana/dashboard.json") as file:
            panels = json.load(file)["panels"]
        queries = [target["expr"] for panel in panels for target in panel.get("targets", [])]
        for variable, value in (("$instance", ".*"), ("$exporter", ".*"), ("$__rate_interval", "5s")):
            queries = [query.replace(variable, value) for query in queries]
        return [query for query in queries
                if not self.get("query_range", query=query, start=self.begun, end=time.time(), step="1")["result"]]


def certificate():
    """One that is valid for a day."""
    paths = ["%s/tls.%s" % (work, kind) for kind in ("pem", "key")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "1", "-subj", "/CN=localhost", "-out", paths[0], "-keyout", paths[1]], check=True, capture_output=True)
    return ["--tls-cert", paths[0], "--tls-key", paths[1]]


def of_members(prometheus, pair, fires):
    """What can happen to members that share a PostgreSQL, and to that."""
    here = {"left": {"instance": pair.left.http}, "right": {"instance": pair.right.http}}
    until("both members", lambda: prometheus.value("logexport_members{instance='%s'}" % pair.left.http) == 2)
    if prometheus.firing(**here["left"]) - {"LogexportMemoryHigh"} or "LogexportUnowned" in prometheus.firing():
        sys.exit("alerts fire although all is well: %s" % prometheus.firing())

    # The synchronous standby is gone, and whoever waits for it is made to go on.
    with pair.server.without_its_standby():
        def commits():
            pair.left.control("run-now", "--exporter", "both", "--wait", wanted=range(256))
            return "LogexportUnreplicatedCommit" in prometheus.firing(**here["left"])
        until("LogexportUnreplicatedCommit", commits)
        fires("LogexportUnreplicatedCommit")

    # The server commits, and then the network is gone, with the answer and for good.
    pair.sandbox.admin("generate?count=2000")
    pair.sandbox.fault(endpoint="segment", action="delay", delay_ms=200)
    pair.proxy.armed = True
    pair.left.control("run-now", "--exporter", "both")
    until("a commit without an answer", pair.proxy.cut.is_set)
    fires("LogexportLeaseTrustLow", "LogexportStoreInDoubt", **here["left"])
    # Load balancers send nothing to it any more, and nobody restarts it.
    if (pair.left.probe("/readyz"), pair.left.probe("/healthz"), pair.right.probe("/readyz")) != (503, 200, 200):
        sys.exit("the member that is cut off calls itself ready")
    # The other member takes over what it can, and the one that is cut off knows that it owns nothing.
    until("a take-over", lambda: prometheus.value(
        "logexport_takeovers_total{instance='%s', reason='expired'}" % pair.right.http) == 1)
    until("an owner less", lambda: prometheus.value(
        "logexport_owned_exporters{instance='%s'}" % pair.left.http) == 0)
    if "LogexportTwoOwners" in prometheus.firing(exporter="both"):
        sys.exit("the member that is cut off claims to own what it has lost")
    # Its death leaves an exporter that nobody else can run.
    pair.left.stop(signal.SIGKILL)
    fires("LogexportUnowned")
    pair.sandbox.admin("faults", method="DELETE")
    pair.right.control("run-now", "--exporter", "both", "--wait")


def main():
    # Two logs of long ago: the first one is exported, the second one never.
    old = Exporter("old", [log_at(ago(50)), log_at(ago(40))])
    refused = Exporter("refused", [log_at(ago(5)), log_at(ago(4), description="POISON"), log_at(ago(3))])
    slow = Exporter("slow", generate=3000, sandbox_flags=["--clock-offset", "-90s"], SEGMENT_MAX_EVENTS_PER_SECOND="20")
    locked = Exporter("locked", generate=500)
    sealed = Exporter("sealed", generate=10, flags=certificate())
    pair = Pair()
    prometheus = Prometheus([e.http for e in (old, refused, slow, locked, pair.left, pair.right)], [sealed.http])
    left = set(prometheus.alerts)

    def fires(*alerts, **labels):
        for alert in alerts:
            until(alert, lambda: alert in prometheus.firing(**labels))
            left.discard(alert)
            print("ok:", alert, flush=True)

    of_members(prometheus, pair, fires)

    # All services have exporters of the same name.
    fires("LogexportTwoOwners", "LogexportMemoryHigh", "LogexportCertificateExpiresSoon")

    slow.sandbox.fault(endpoint="logs", action="status", status=429, headers={"Retry-After": "2"})
    slow.control("run-now")
    fires("LogexportRateLimited", "LogexportClockSkew")

    refused.sandbox.fault(endpoint="segment", action="status", status=400, contains="POISON")
    refused.control("run-now", "--wait", wanted=(4,))
    fires("LogexportDeadLetters")
    # Another writer moves the checkpoint under a run.
    refused.sandbox.admin("faults", method="DELETE")
    refused.sandbox.admin("generate?count=2000")
    refused.sandbox.fault(endpoint="segment", action="delay", delay_ms=1000)
    refused.control("run-now")
    refused.edit("UPDATE checkpoints SET version = version + 1")
    fires("LogexportFencedCommits")

    # Another program holds the store for longer than a run waits for its last commit.
    locked.sandbox.fault(endpoint="segment", action="delay", delay_ms=1000)
    locked.control("run-now")
    lock = sqlite3.connect(locked.file, isolation_level=None, timeout=30)
    lock.execute("BEGIN IMMEDIATE")
    fires("LogexportStoreErrors")
    locked.stop()
    lock.execute("ROLLBACK")
    locked.start()

    old.control("run-now", "--wait", "--max-logs", "1")
    old.sandbox.fault(endpoint="segment", action="status", status=401)
    old.sandbox.fault(endpoint="slack", action="status", status=500)
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
    unanswered = prometheus.unanswered()
    if unanswered:
        sys.exit("queries of the dashboard without an answer:\n" + "\n".join(unanswered))
    print("ok: %d alerts fired, all queries of the dashboard were answered" % len(prometheus.alerts))


try:
    main()
finally:
    end_all()
