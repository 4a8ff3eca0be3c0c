#include "service/control/report_message.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "service/base/utf8.h"
#include "service/export/log.h"

namespace logexport {
namespace {

// The store's names of enum values are those of the API without their prefix.
template <typename Enum>
Enum ParseEnum(absl::string_view prefix, absl::string_view name) {
  Enum value{};
  const google::protobuf::EnumDescriptor* descriptor = google::protobuf::GetEnumDescriptor<Enum>();
  if (const auto* found = descriptor->FindValueByName(absl::StrCat(prefix, name))) {
    value = static_cast<Enum>(found->number());
  }
  return value;
}

template <typename Domain, typename Enum>
Domain FromEnum(Enum value, absl::string_view prefix,
                std::optional<Domain> (*parse)(absl::string_view), Domain otherwise) {
  const std::string name =
      google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(value)->name();
  return parse(absl::string_view(name).substr(prefix.size())).value_or(otherwise);
}

std::string CheckpointText(const Position& position) {
  return position.resolved() ? position.id : "";
}

void FillCounts(const LogCounts& counts, v1::TypeCount* out) {
  out->set_fetched(counts.fetched);
  out->set_accepted(counts.accepted);
  out->set_filtered(counts.filtered);
  out->set_dead_lettered(counts.dead_lettered);
}

void FillLedger(const Ledger& ledger, bool with_types, v1::Report* report) {
  v1::Ledger* out = report->mutable_ledger();
  out->set_fetched(ledger.logs.fetched);
  out->set_accepted(ledger.logs.accepted);
  out->set_filtered(ledger.logs.filtered);
  out->set_dead_lettered(ledger.logs.dead_lettered);
  out->set_unsettled(ledger.unsettled);
  out->set_accepted_ahead(ledger.accepted_ahead);
  out->set_events_accepted(ledger.events_accepted);
  for (const auto& [reason, count] : ledger.filtered_by_reason) {
    (*report->mutable_filtered_by_reason())[reason] = count;
  }
  if (!with_types) return;
  std::vector<std::pair<std::string, LogCounts>> types(ledger.by_type.begin(),
                                                       ledger.by_type.end());
  std::stable_sort(types.begin(), types.end(), [](const auto& a, const auto& b) {
    return a.second.fetched > b.second.fetched;
  });
  for (const auto& [type, counts] : types) {
    v1::TypeCount* row = report->add_by_type();
    row->set_type(type);
    FillCounts(counts, row);
  }
}

// Protobuf can write no other times as JSON, nor RFC 3339 express them.
absl::Time NearestWritable(absl::Time time) {
  const absl::Time first = absl::FromCivil(absl::CivilYear(1), absl::UTCTimeZone());
  const absl::Time end = absl::FromCivil(absl::CivilYear(10000), absl::UTCTimeZone());
  return std::clamp(time, first, end - absl::Nanoseconds(1));
}

}  // namespace

std::string ShownReason(absl::string_view reason) {
  constexpr std::size_t kLongest = 1024;
  return std::string(TruncateUtf8(reason, kLongest));
}

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp out;
  const absl::Duration since = NearestWritable(time) - absl::UnixEpoch();
  const std::int64_t seconds = absl::ToInt64Seconds(absl::Floor(since, absl::Seconds(1)));
  out.set_seconds(seconds);
  out.set_nanos(
      static_cast<std::int32_t>(absl::ToInt64Nanoseconds(since - absl::Seconds(seconds))));
  return out;
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  // Protobuf's limit: about 10,000 years.
  constexpr absl::Duration kLongest = absl::Seconds(315'576'000'000);
  duration = std::clamp(duration, -kLongest, kLongest);
  google::protobuf::Duration out;
  const std::int64_t seconds = absl::ToInt64Seconds(duration);
  out.set_seconds(seconds);
  out.set_nanos(
      static_cast<std::int32_t>(absl::ToInt64Nanoseconds(duration - absl::Seconds(seconds))));
  return out;
}

absl::Time FromProto(const google::protobuf::Timestamp& time) {
  return NearestWritable(absl::UnixEpoch() + absl::Seconds(time.seconds()) +
                         absl::Nanoseconds(time.nanos()));
}

absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

RunState FromProto(v1::RunState state) {
  return FromEnum(state, "RUN_STATE_", ParseRunState, RunState::kQueued);
}

Trigger FromProto(v1::Trigger trigger) {
  return FromEnum(trigger, "TRIGGER_", ParseTrigger, Trigger::kManual);
}

RunKind FromProto(v1::RunKind kind) {
  return FromEnum(kind, "RUN_KIND_", ParseRunKind, RunKind::kExport);
}

v1::Requester ToRequester(const Audit& audit) {
  v1::Requester out;
  out.set_name(audit.requester);
  out.set_verified(audit.verified);
  return out;
}

v1::Pause ToPause(const Pause& pause) {
  v1::Pause out;
  *out.mutable_pause_time() = ToProto(pause.since);
  *out.mutable_paused_by() = ToRequester(pause.audit);
  out.set_reason(ShownReason(pause.audit.reason));
  return out;
}

v1::RunError ToRunError(const RunError& error) {
  v1::RunError out;
  out.set_origin(ParseEnum<v1::ErrorOrigin>("ERROR_ORIGIN_", error.origin));
  out.set_reason(error.reason);
  out.set_message(error.message);
  out.set_action(error.action);
  out.set_retryable(error.retryable);
  return out;
}

v1::RunWarning ToWarning(const RunWarning& warning) {
  v1::RunWarning out;
  out.set_code(warning.code);
  out.set_message(warning.message);
  out.set_count(warning.count);
  return out;
}

v1::Checkpoint ToCheckpoint(const Position& position) {
  v1::Checkpoint out;
  switch (position.kind) {
    case Position::Kind::kAfter:
    case Position::Kind::kAt:
      out.set_log_id(position.id);
      out.set_inclusive(position.kind == Position::Kind::kAt);
      if (const auto time = TimeOfLogId(position.id)) *out.mutable_log_time() = ToProto(*time);
      break;
    case Position::Kind::kEarliest:
      out.mutable_pending()->mutable_earliest();
      break;
    case Position::Kind::kLatest:
      out.mutable_pending()->mutable_latest();
      break;
    case Position::Kind::kTime:
      *out.mutable_pending()->mutable_time() = ToProto(position.time);
      break;
  }
  return out;
}

v1::Checkpoint ToCheckpoint(const Checkpoint& checkpoint) {
  v1::Checkpoint out = ToCheckpoint(checkpoint.position);
  if (checkpoint.log_time.has_value()) *out.mutable_log_time() = ToProto(*checkpoint.log_time);
  out.set_version(checkpoint.version);
  *out.mutable_update_time() = ToProto(checkpoint.updated);
  if (!checkpoint.audit.requester.empty()) {
    *out.mutable_updated_by() = ToRequester(checkpoint.audit);
  }
  out.set_reason(checkpoint.run_id.empty() ? ShownReason(checkpoint.audit.reason)
                                           : checkpoint.run_id);
  return out;
}

v1::Report ToReport(const RunRecord& run, bool with_types) {
  v1::Report out;
  out.set_run_id(run.run_id);
  out.set_exporter(run.exporter);
  out.set_kind(ParseEnum<v1::RunKind>("RUN_KIND_", RunKindName(run.parameters.kind)));
  out.set_state(ParseEnum<v1::RunState>("RUN_STATE_", RunStateName(run.state)));
  out.set_stop_reason(ParseEnum<v1::StopReason>("STOP_REASON_", StopReasonName(run.stop_reason)));
  out.set_trigger(ParseEnum<v1::Trigger>("TRIGGER_", TriggerName(run.trigger)));
  *out.mutable_requester() = ToRequester(run.audit);
  out.set_reason(ShownReason(run.audit.reason));
  out.set_config_version(run.config_version);
  out.set_member(run.member);
  *out.mutable_create_time() = ToProto(run.created);
  if (run.started.has_value()) *out.mutable_start_time() = ToProto(*run.started);
  if (run.ended.has_value()) *out.mutable_end_time() = ToProto(*run.ended);
  out.set_checkpoint_before(CheckpointText(run.checkpoint_before));
  out.set_checkpoint_after(CheckpointText(run.checkpoint_after));
  out.set_first_unsettled(run.first_unsettled);
  if (run.first_log_time.has_value()) *out.mutable_first_log_time() = ToProto(*run.first_log_time);
  if (run.last_log_time.has_value()) *out.mutable_last_log_time() = ToProto(*run.last_log_time);
  FillLedger(run.ledger, with_types, &out);
  out.set_pages(run.pages);
  out.set_batches(run.batches);
  out.set_bytes_sent(run.bytes_sent);
  out.mutable_api_calls()->set_auth0(run.auth0_calls);
  out.mutable_api_calls()->set_segment(run.segment_calls);
  out.set_retries(run.retries);
  *out.mutable_limit_wait() = ToProto(run.limit_wait);
  for (const RunWarning& warning : run.warnings) *out.add_warnings() = ToWarning(warning);
  if (run.error.has_value()) *out.mutable_error() = ToRunError(*run.error);
  out.set_sequence(run.commit_version);
  if (run.new_logs.has_value()) out.set_new_logs(*run.new_logs);
  if (run.idle_runs > 0) out.set_idle_runs(run.idle_runs);
  if (run.parameters.window.has_value()) {
    *out.mutable_window()->mutable_start() = ToProto(run.parameters.window->start);
    *out.mutable_window()->mutable_end() = ToProto(run.parameters.window->end);
  }
  out.set_max_logs(run.parameters.max_logs);
  if (run.parameters.max_duration > absl::ZeroDuration()) {
    *out.mutable_max_duration() = ToProto(run.parameters.max_duration);
  }
  out.set_new_message_ids(run.parameters.new_message_ids);
  return out;
}

}  // namespace logexport
