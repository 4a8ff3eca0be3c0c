#include "service/state/records.h"

#include <array>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"

#include "service/base/time_text.h"

namespace logexport {
namespace {

template <typename T, std::size_t kCount>
using NameTable = std::array<std::pair<T, absl::string_view>, kCount>;

constexpr NameTable<Position::Kind, 5> kPositionKinds{{{Position::Kind::kAfter, "AFTER"},
                                                       {Position::Kind::kAt, "AT"},
                                                       {Position::Kind::kEarliest, "EARLIEST"},
                                                       {Position::Kind::kLatest, "LATEST"},
                                                       {Position::Kind::kTime, "TIME"}}};

constexpr NameTable<RunState, 5> kRunStates{{{RunState::kQueued, "QUEUED"},
                                             {RunState::kRunning, "RUNNING"},
                                             {RunState::kSucceeded, "SUCCEEDED"},
                                             {RunState::kFailed, "FAILED"},
                                             {RunState::kCancelled, "CANCELLED"}}};

constexpr NameTable<StopReason, 11> kStopReasons{
    {{StopReason::kNone, "NONE"},
     {StopReason::kCaughtUp, "CAUGHT_UP"},
     {StopReason::kMaxLogs, "MAX_LOGS"},
     {StopReason::kTimeBudget, "TIME_BUDGET"},
     {StopReason::kRateLimited, "RATE_LIMITED"},
     {StopReason::kCancelled, "CANCELLED"},
     {StopReason::kShutdown, "SHUTDOWN"},
     {StopReason::kError, "ERROR"},
     {StopReason::kLeaseLost, "LEASE_LOST"},
     {StopReason::kCheckpointMoved, "CHECKPOINT_MOVED"},
     {StopReason::kInterrupted, "INTERRUPTED"}}};

constexpr NameTable<Trigger, 4> kTriggers{{{Trigger::kSchedule, "SCHEDULE"},
                                           {Trigger::kManual, "MANUAL"},
                                           {Trigger::kReplay, "REPLAY"},
                                           {Trigger::kStartup, "STARTUP"}}};

constexpr NameTable<RunKind, 5> kRunKinds{{{RunKind::kExport, "EXPORT"},
                                           {RunKind::kDryRun, "DRY_RUN"},
                                           {RunKind::kWindow, "WINDOW"},
                                           {RunKind::kRedrive, "REDRIVE"},
                                           {RunKind::kCompleteness, "COMPLETENESS"}}};

constexpr NameTable<NotificationChannel, 2> kNotificationChannels{
    {{NotificationChannel::kSlack, "slack"}, {NotificationChannel::kWebhook, "webhook"}}};

template <typename T, std::size_t kCount>
absl::string_view NameOf(const NameTable<T, kCount>& table, T value) {
  for (const auto& [candidate, name] : table) {
    if (candidate == value) return name;
  }
  return "UNKNOWN";
}

template <typename T, std::size_t kCount>
std::optional<T> ValueOf(const NameTable<T, kCount>& table, absl::string_view name) {
  for (const auto& [value, candidate] : table) {
    if (candidate == name) return value;
  }
  return std::nullopt;
}

}  // namespace

absl::string_view PositionKindName(Position::Kind kind) { return NameOf(kPositionKinds, kind); }
std::optional<Position::Kind> ParsePositionKind(absl::string_view name) {
  return ValueOf(kPositionKinds, name);
}

absl::string_view RunStateName(RunState state) { return NameOf(kRunStates, state); }
std::optional<RunState> ParseRunState(absl::string_view name) { return ValueOf(kRunStates, name); }

absl::string_view StopReasonName(StopReason reason) { return NameOf(kStopReasons, reason); }
std::optional<StopReason> ParseStopReason(absl::string_view name) {
  return ValueOf(kStopReasons, name);
}

absl::string_view TriggerName(Trigger trigger) { return NameOf(kTriggers, trigger); }
std::optional<Trigger> ParseTrigger(absl::string_view name) { return ValueOf(kTriggers, name); }

absl::string_view RunKindName(RunKind kind) { return NameOf(kRunKinds, kind); }
std::optional<RunKind> ParseRunKind(absl::string_view name) { return ValueOf(kRunKinds, name); }

absl::string_view NotificationChannelName(NotificationChannel channel) {
  return NameOf(kNotificationChannels, channel);
}
std::optional<NotificationChannel> ParseNotificationChannel(absl::string_view name) {
  return ValueOf(kNotificationChannels, name);
}

std::string DescribePosition(const Position& position) {
  switch (position.kind) {
    case Position::Kind::kAfter:
      return position.id.empty() ? "the very beginning" : absl::StrCat("after ", position.id);
    case Position::Kind::kAt:
      return absl::StrCat("at ", position.id);
    case Position::Kind::kEarliest:
      return "earliest";
    case Position::Kind::kLatest:
      return "latest";
    case Position::Kind::kTime:
      return FormatTimestamp(position.time);
  }
  return "unknown";
}

bool operator==(const RunParameters& a, const RunParameters& b) {
  const bool same_window = a.window.has_value() == b.window.has_value() &&
                           (!a.window.has_value() ||
                            (a.window->start == b.window->start && a.window->end == b.window->end));
  return a.kind == b.kind && a.max_logs == b.max_logs && a.max_duration == b.max_duration &&
         same_window && a.new_message_ids == b.new_message_ids &&
         a.dead_letter_ids == b.dead_letter_ids && a.dead_letter_reasons == b.dead_letter_reasons &&
         a.dead_letter_types == b.dead_letter_types;
}

}  // namespace logexport
