#ifndef LOGEXPORT_SERVICE_BASE_LOGGING_H_
#define LOGEXPORT_SERVICE_BASE_LOGGING_H_

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat { kText, kJson };

// One key and value of a structured log line. Never put a secret or a tenant's personal data in
// one.
struct LogField {
  LogField(absl::string_view k, absl::string_view v) : key(k), text(v) {}
  LogField(absl::string_view k, const char* v) : key(k), text(v) {}
  LogField(absl::string_view k, const std::string& v) : key(k), text(v) {}
  LogField(absl::string_view k, bool v) : key(k), text(v ? "true" : "false"), bare(true) {}
  LogField(absl::string_view k, std::int64_t v) : key(k), text(absl::StrCat(v)), bare(true) {}
  LogField(absl::string_view k, int v) : key(k), text(absl::StrCat(v)), bare(true) {}
  LogField(absl::string_view k, std::uint64_t v) : key(k), text(absl::StrCat(v)), bare(true) {}
  LogField(absl::string_view k, double v) : key(k), text(absl::StrCat(v)), bare(std::isfinite(v)) {}
  LogField(absl::string_view k, absl::Duration v) : key(k), text(absl::FormatDuration(v)) {}
  LogField(absl::string_view k, absl::Time v);
  LogField(absl::string_view k, const absl::Status& v) : key(k), text(v.ToString()) {}

  absl::string_view key;
  std::string text;
  bool bare = false;  // a JSON number or boolean, not a string
};

// Sends log lines to standard error in `format`, dropping those below `lowest`. Call once, at
// start, before other threads log.
void SetUpLogging(LogFormat format, LogLevel lowest);

// Writes one line: the message (a constant sentence, so that lines can be searched for) and fields.
// Thread-safe.
void WriteLog(LogLevel level, absl::string_view message,
              std::initializer_list<LogField> fields = {});

inline void LogDebug(absl::string_view message, std::initializer_list<LogField> fields = {}) {
  WriteLog(LogLevel::kDebug, message, fields);
}
inline void LogInfo(absl::string_view message, std::initializer_list<LogField> fields = {}) {
  WriteLog(LogLevel::kInfo, message, fields);
}
inline void LogWarning(absl::string_view message, std::initializer_list<LogField> fields = {}) {
  WriteLog(LogLevel::kWarning, message, fields);
}
inline void LogError(absl::string_view message, std::initializer_list<LogField> fields = {}) {
  WriteLog(LogLevel::kError, message, fields);
}

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_LOGGING_H_
