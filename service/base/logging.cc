#include "service/base/logging.h"

#include <memory>

#include "absl/time/clock.h"
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "service/base/log_scope.h"
#include "service/base/quoted_text.h"
#include "service/base/shown_text.h"
#include "service/base/time_text.h"
#include "service/base/utf8.h"

namespace logexport {
namespace {

struct Logging {
  std::shared_ptr<spdlog::logger> logger = [] {
    auto made = std::make_shared<spdlog::logger>("logexport",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  LogFormat format = LogFormat::kText;
};

Logging& TheLogging() {
  static auto* const logging = new Logging;
  return *logging;
}

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

absl::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

bool NeedsQuotes(absl::string_view text) {
  if (text.empty()) return true;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '=' || c == '\\') return true;
  }
  return !IsValidUtf8(text) || FindHidden(text).found();
}

std::string TextLine(absl::string_view time, LogLevel level, absl::string_view message,
                     std::initializer_list<LogField> fields) {
  std::string line = absl::StrCat(time, " ", LevelName(level), " ", message);
  for (const LogField& field : fields) {
    absl::StrAppend(&line, " ", field.key, "=");
    if (NeedsQuotes(field.text)) {
      AppendJsonString(ReplaceInvalidUtf8(field.text), &line);
    } else {
      line += field.text;
    }
  }
  return line;
}

std::string JsonLine(absl::string_view time, LogLevel level, absl::string_view message,
                     std::initializer_list<LogField> fields) {
  std::string line = "{";
  const auto add_string = [&line](absl::string_view key, absl::string_view value) {
    if (line.size() > 1) line += ',';
    AppendJsonString(key, &line);
    line += ':';
    AppendJsonString(value, &line);
  };
  add_string("time", time);
  add_string("level", LevelName(level));
  add_string("message", message);
  for (const LogField& field : fields) {
    if (field.bare) {
      line += ',';
      AppendJsonString(field.key, &line);
      absl::StrAppend(&line, ":", field.text);
    } else {
      add_string(field.key, ReplaceInvalidUtf8(field.text));
    }
  }
  if (const LogTrace& trace = CurrentLogTrace(); !trace.trace_id.empty()) {
    add_string("trace_id", trace.trace_id);
    add_string("span_id", trace.span_id);
  }
  line += '}';
  return line;
}

}  // namespace

LogField::LogField(absl::string_view k, absl::Time v) : key(k), text(FormatTimestamp(v)) {}

void SetUpLogging(LogFormat format, LogLevel lowest) {
  TheLogging().format = format;
  TheLogging().logger->set_level(SpdlogLevel(lowest));
}

void WriteLog(LogLevel level, absl::string_view message, std::initializer_list<LogField> fields) {
  const Logging& logging = TheLogging();
  if (!logging.logger->should_log(SpdlogLevel(level))) return;
  const std::string time = FormatTimestamp(absl::Now());
  const std::string line =
      EscapeHidden(logging.format == LogFormat::kJson ? JsonLine(time, level, message, fields)
                                                      : TextLine(time, level, message, fields));
  logging.logger->log(SpdlogLevel(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace logexport
