#!/usr/bin/env python3
"""Steers the service from Python: runs an export, follows it, and changes what it does next.

usage: steer.py HOST:PORT, with the generated modules in PYTHONPATH. To generate them:

  protoc -I proto --python_out=gen --grpc_out=gen \\
    --plugin=protoc-gen-grpc="$(command -v grpc_python_plugin)" \\
    proto/logexport/v1/*.proto proto/google/rpc/*.proto

Debian's packages: python3-grpcio, python3-protobuf, protobuf-compiler, protobuf-compiler-grpc.
"""

import sys
import uuid

import grpc
from google.rpc import error_details_pb2, status_pb2
from logexport.v1 import checkpoint_pb2, config_pb2, configuration_pb2, report_pb2, run_pb2
from logexport.v1 import service_pb2_grpc

DEADLINE = 10  # seconds; every call should have one


def details_of(error):
    """The typed details of a failed call, by message name; {} if there are none."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            status = status_pb2.Status.FromString(value)
            found = {}
            for detail in status.details:
                name = detail.TypeName().rsplit(".", 1)[-1]
                message = getattr(error_details_pb2, name, None)
                if message is not None:
                    found[name] = message.FromString(detail.value)
            return found
    return {}


def follow(service, run_id):
    """The final report. A stream that breaks is resumed after the last message that arrived."""
    sequence = 0
    for _ in range(5):
        try:
            watch = run_pb2.WatchRunRequest(run_id=run_id, after_sequence=sequence)
            for update in service.WatchRun(watch, timeout=600):
                sequence = update.sequence
                if update.phase == run_pb2.WATCH_PHASE_FINAL:
                    return update.report
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNAVAILABLE:
                raise
    raise RuntimeError(f"run {run_id} cannot be followed; it goes on without us")


def main(address):
    # Beyond this machine: grpc.secure_channel, and metadata=(("authorization", "Bearer ..."),).
    with grpc.insecure_channel(address) as channel:
        service = service_pb2_grpc.LogExportServiceStub(channel)

        # A request id makes it safe to send a write again when its answer was lost.
        request = run_pb2.RunNowRequest(
            on_active=run_pb2.ON_ACTIVE_JOIN, request_id=str(uuid.uuid4()), reason="python example")
        started = service.RunNow(request, timeout=DEADLINE)
        repeated = service.RunNow(request, timeout=DEADLINE)
        print("run", started.run.run_id, "again", repeated.run.run_id == started.run.run_id)

        report = follow(service, started.run.run_id)
        print("state", report_pb2.RunState.Name(report.state), "accepted", report.ledger.accepted)

        reports = service.GetReports(
            report_pb2.GetReportsRequest(states=[report_pb2.RUN_STATE_SUCCEEDED], page_size=10), timeout=DEADLINE)
        print("reports", reports.total_size, "newest", reports.reports[0].run_id == report.run_id)

        # Replay what that run exported. `expected` refuses if somebody has moved the checkpoint since.
        moved = service.SetCheckpoint(
            checkpoint_pb2.SetCheckpointRequest(
                run_start=report.run_id, expected=report.checkpoint_after,
                request_id=str(uuid.uuid4()), reason="python example"),
            timeout=DEADLINE)
        print("moved", checkpoint_pb2.CheckpointDirection.Name(moved.direction))

        config = service.GetConfig(configuration_pb2.GetConfigRequest(), timeout=DEADLINE)
        # Another value than the one there is: what changes nothing makes no new version.
        size = 100 if config.config.auth0.batch_size == 50 else 50
        change = configuration_pb2.UpdateConfigRequest(
            config=config_pb2.ExporterConfig(auth0=config_pb2.Auth0Settings(batch_size=size)),
            etag=config.etag, request_id=str(uuid.uuid4()), reason="python example")
        change.update_mask.paths.append("auth0.batch_size")
        updated = service.UpdateConfig(change, timeout=DEADLINE)
        print("changed", ",".join(updated.changed_fields), "version", updated.version)

        # The etag read before is stale now.
        try:
            change.config.auth0.batch_size = 60
            change.request_id = str(uuid.uuid4())
            service.UpdateConfig(change, timeout=DEADLINE)
        except grpc.RpcError as error:
            print("refused", error.code().name, details_of(error)["ErrorInfo"].reason)

        # Every wrong field is told at once.
        try:
            wrong = configuration_pb2.UpdateConfigRequest()
            wrong.config.schedule.cron = "every day"
            wrong.config.auth0.batch_size = 500
            service.UpdateConfig(wrong, timeout=DEADLINE)
        except grpc.RpcError as error:
            details = details_of(error)
            print("refused", error.code().name, details["ErrorInfo"].reason)
            for violation in details["BadRequest"].field_violations:
                print("violation", violation.field)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
