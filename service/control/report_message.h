#ifndef LOGEXPORT_SERVICE_CONTROL_REPORT_MESSAGE_H_
#define LOGEXPORT_SERVICE_CONTROL_REPORT_MESSAGE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "logexport/v1/checkpoint.pb.h"
#include "logexport/v1/exporter.pb.h"
#include "logexport/v1/report.pb.h"
#include "service/state/records.h"

namespace logexport {

// The API's view of what the store holds. Conversions only; nothing here decides.

// `with_types` fills by_type, which lists leave out.
v1::Report ToReport(const RunRecord& run, bool with_types);

v1::Checkpoint ToCheckpoint(const Checkpoint& checkpoint);
// A position alone, as it appears in histories.
v1::Checkpoint ToCheckpoint(const Position& position);

v1::Requester ToRequester(const Audit& audit);
v1::Pause ToPause(const Pause& pause);
v1::RunError ToRunError(const RunError& error);
v1::RunWarning ToWarning(const RunWarning& warning);

// A reason that a caller gave, cut off where an earlier version stored one without a limit.
std::string ShownReason(absl::string_view reason);

// The nearest time and duration that Protobuf can write as JSON: years 1 to 9999, and 10,000 years.
google::protobuf::Timestamp ToProto(absl::Time time);
google::protobuf::Duration ToProto(absl::Duration duration);
// The time meant, or the nearest one in the years 1 to 9999: over gRPC a Timestamp can hold any.
absl::Time FromProto(const google::protobuf::Timestamp& time);
absl::Duration FromProto(const google::protobuf::Duration& duration);

RunState FromProto(v1::RunState state);
Trigger FromProto(v1::Trigger trigger);
RunKind FromProto(v1::RunKind kind);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_REPORT_MESSAGE_H_
