#include "service/export/settled_log_collector.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace logexport {
namespace {

// In an id that carries time: "900", the hour with its date, the minute, the second.
constexpr std::size_t kWrittenHour = 13;
constexpr std::size_t kIdWithTime = 56;

// Two digits up to 59, or nothing.
std::optional<int> Sixtieth(absl::string_view digits) {
  const int value = (digits[0] - '0') * 10 + (digits[1] - '0');
  return value < 60 ? std::optional<int>(value) : std::nullopt;
}

}  // namespace

std::optional<absl::Time> TimeToRememberBy(const Log& log) {
  const std::optional<absl::Time> time = TimeOfLogId(log.id);
  return time.has_value() ? time : log.date;
}

LogHour SettledLogCollector::HourOfLog(const Log& log) {
  const absl::string_view id = log.id;
  const bool known_hour = id.size() == kIdWithTime && !written_hour_.empty() &&
                          absl::StartsWith(id, written_hour_) &&
                          std::all_of(id.begin() + kWrittenHour, id.end(), absl::ascii_isdigit);
  if (known_hour) {
    const std::optional<int> minute = Sixtieth(id.substr(kWrittenHour, 2));
    const std::optional<int> second = Sixtieth(id.substr(kWrittenHour + 2, 2));
    if (minute.has_value() && second.has_value()) return {counted_hour_, *minute * 60 + *second};
  }
  const std::optional<absl::Time> time = TimeOfLogId(id);
  const LogHour hour = HourOf(time.has_value() ? time : log.date);
  if (time.has_value()) {
    written_hour_ = std::string(id.substr(0, kWrittenHour));
    counted_hour_ = hour.hour;
  }
  return hour;
}

void SettledLogCollector::Add(const Log& log, std::optional<absl::Time> read_at) {
  if (!log.has_id()) return;
  const LogHour at = HourOfLog(log);
  // Nearly always the hour of the log before.
  auto hour = std::find_if(hours_.rbegin(), hours_.rend(),
                           [&](const SettledLogs& logs) { return logs.hour == at.hour; });
  SettledLogs* logs = hour == hours_.rend() ? nullptr : &*hour;
  if (logs == nullptr) {
    logs = &hours_.emplace_back();
    logs->hour = at.hour;
    logs->age = absl::InfiniteDuration();
  }
  const absl::Time time = absl::FromUnixSeconds(at.hour * 3600 + at.second);
  // An unknown age counts as none: the log is read again then.
  logs->age = std::min(logs->age, read_at.has_value() ? *read_at - time : absl::ZeroDuration());
  logs->logs.push_back({HashOfLogId(log.id), at.second});
}

std::vector<SettledLogs> SettledLogCollector::Take() { return std::exchange(hours_, {}); }

}  // namespace logexport
