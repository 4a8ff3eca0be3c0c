// The words and numbers of our Slack messages.
#ifndef LOGEXPORT_SERVICE_SLACK_WORDING_H_
#define LOGEXPORT_SERVICE_SLACK_WORDING_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/count_text.h"
#include "service/export/notifier.h"
#include "service/slack/message.h"
#include "service/state/records.h"

namespace logexport {

// "2026-11-23 00:51:02 UTC"
std::string MomentText(absl::Time time, const absl::TimeZone& zone = absl::UTCTimeZone());
// The two largest units: "2d 3h", "16m 40s", "3s"; "under 1s".
std::string SpanText(absl::Duration span);

// The moment, or "never".
std::string MomentOrNever(std::optional<absl::Time> time);
// "at most 16m 40s"; the lag is an upper bound.
std::string LagText(absl::Duration lag);

// "after 90020…", "at 90020…", "the earliest log", …
std::string PositionText(const Position& position);

// "caught up", "reached its time limit", …; of finished runs.
absl::string_view StopReasonText(StopReason reason);
// "the schedule", "a manual start", …
absl::string_view TriggerText(Trigger trigger);

// The error's reason, else why the run stopped.
std::string FailureReason(const RunRecord& run);

// "fetched 300 = 250 accepted + 40 filtered + 0 dead letters + 10 unsettled"
std::string LedgerText(const Ledger& ledger);

// "A ×3, B"; empty for no warnings.
std::string WarningsText(const std::vector<RunWarning>& warnings);

// "3: SEGMENT_UNREACHABLE ×2, AUTH0_FORBIDDEN", most frequent first; "none".
std::string TallyText(const std::map<std::string, std::int64_t>& tally);

// Rows that say from which tenant to which Segment endpoint the exporter exports, where known.
void AddRoute(const Route& route, MessageBuilder* message);

// The command that exports again what the run left behind it: from its checkpoint on, or the same
// window, or the same dead letters. Ready to be pasted.
std::string ReplayCommand(const RunRecord& run);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SLACK_WORDING_H_
