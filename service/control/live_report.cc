#include "service/control/live_report.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "service/control/report_message.h"

namespace logexport {
namespace {

v1::RunWait ToRunWait(const RunWait& wait) {
  v1::RunWait out;
  v1::ErrorOrigin origin;
  if (v1::ErrorOrigin_Parse(absl::StrCat("ERROR_ORIGIN_", OriginName(wait.target)), &origin)) {
    out.set_target(origin);
  }
  out.set_failed_attempts(wait.failed_attempts);
  *out.mutable_since() = ToProto(wait.since);
  out.set_for_place(wait.for_place);
  if (!wait.for_place) *out.mutable_next_attempt_time() = ToProto(wait.next_attempt);
  out.set_rate_limited(wait.rate_limited);
  if (wait.last_error.has_value()) *out.mutable_last_error() = ToRunError(*wait.last_error);
  return out;
}

}  // namespace

v1::Report LiveReport(Supervisor& supervisor, RunRecord run, bool with_types) {
  const std::vector<RunWait> waits = supervisor.FillLive(&run);
  v1::Report report = ToReport(run, with_types);
  for (const RunWait& wait : waits) *report.add_waits() = ToRunWait(wait);
  return report;
}

}  // namespace logexport
