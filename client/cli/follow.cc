#include "client/cli/follow.h"

#include <algorithm>
#include <string>

#include "absl/cleanup/cleanup.h"

#include "client/cli/errors.h"

namespace logexport::cli {
namespace {

namespace pb = google::protobuf;

// The service sends a heartbeat every five seconds; this many missed ones are a dead connection.
constexpr absl::Duration kSilence = absl::Seconds(30);
// How long a service that cannot be reached is tried again.
constexpr absl::Duration kReconnectFor = absl::Seconds(30);
constexpr absl::Duration kReconnectPause = absl::Milliseconds(500);

void SetField(pb::Message& message, const char* name, const std::string& value) {
  const auto* field = message.GetDescriptor()->FindFieldByName(name);
  if (field != nullptr && !value.empty())
    message.GetReflection()->SetString(&message, field, value);
}

}  // namespace

bool StreamsRun(const pb::MethodDescriptor* method) {
  return method->server_streaming() &&
         method->output_type()->full_name() == v1::WatchRunResponse::descriptor()->full_name();
}

Followed FollowRun(
    const CliContext& context, Caller& caller, const Schema& schema, const Command& command,
    const pb::Message& request, absl::Duration deadline,
    absl::FunctionRef<void(const pb::Message&, const v1::WatchRunResponse&)> on_update) {
  Terminal& terminal = *context.terminal;
  terminal.CatchInterrupts(true);
  const absl::Cleanup release = [&] { terminal.CatchInterrupts(false); };

  Followed followed;
  const std::unique_ptr<pb::Message> next(request.New());
  next->CopyFrom(request);
  const std::unique_ptr<pb::Message> message = schema.New(command.method->output_type());
  const absl::Time end = context.now() + deadline;
  absl::Time last_heard = context.now();
  for (;;) {
    absl::Time attempt_heard = context.now();
    bool silent = false;
    followed.status = caller.Stream(
        command.path, *next, end - context.now(), *message,
        [&] {
          last_heard = attempt_heard = context.now();
          v1::WatchRunResponse update;
          update.ParseFromString(message->SerializeAsString());
          // A heartbeat may leave out what has not changed.
          if (!update.has_report()) *update.mutable_report() = followed.last.report();
          followed.last = update;
          SetField(*next, "run_id", update.report().run_id());
          const auto* after = next->GetDescriptor()->FindFieldByName("after_sequence");
          if (after != nullptr) {
            next->GetReflection()->SetInt64(next.get(), after, update.sequence());
          }
          on_update(*message, update);
          return true;
        },
        [&] {
          silent = context.now() - attempt_heard > kSilence;
          return !terminal.interrupted() && !silent;
        });
    if (terminal.interrupted()) {
      followed.end = Followed::End::kDetached;
      return followed;
    }
    if (followed.status.ok()) {
      const bool final = followed.last.phase() == v1::WATCH_PHASE_FINAL;
      followed.end = final ? Followed::End::kFinished : Followed::End::kFailed;
      if (!final) {
        followed.status = {grpc::StatusCode::DATA_LOSS, "the stream ended before the run did"};
      }
      return followed;
    }
    if (context.now() >= end ||
        followed.status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
      followed.end = Followed::End::kTimedOut;
      return followed;
    }
    const bool broken = silent || followed.status.error_code() == grpc::StatusCode::UNAVAILABLE;
    // Before the first message nothing was there that could have broken.
    if (!broken || !followed.last.has_report() ||
        context.now() - last_heard > kSilence + kReconnectFor) {
      followed.end = Followed::End::kFailed;
      return followed;
    }
    context.sleep(std::min(kReconnectPause, end - context.now()));
  }
}

int ExitCodeOf(const v1::Report& report) {
  if (report.state() != v1::RUN_STATE_SUCCEEDED) return kExitRunFailed;
  return report.ledger().dead_lettered() > 0 ? kExitDeadLetters : kExitOk;
}

}  // namespace logexport::cli
