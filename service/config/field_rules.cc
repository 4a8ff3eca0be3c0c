#include "service/config/field_rules.h"

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/message.h>

#include "logexport/v1/config.pb.h"
#include "service/base/duration_text.h"
#include "service/base/spelling.h"
#include "service/base/status_macros.h"
#include "service/base/utf8.h"
#include "service/config/slip_rules.h"

namespace logexport {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

struct NumberRange {
  const char* path;
  std::int64_t lowest;
  std::int64_t highest;
};

constexpr std::int64_t kAnyNumber = std::numeric_limits<std::int64_t>::max();

constexpr NumberRange kNumbers[] = {
    {"auth0.batch_size", 1, 100},
    {"auth0.rate_limit_reserve_percent", 0, 90},
    {"segment.max_events_per_second", 0, 1'000'000},
    {"segment.max_in_flight", 1, 16},
    {"profile.rate_share_percent", 1, 100},
    {"slack.daily_report_hour", 0, 23},
    {"slack.silence_periods", 0, 10'000},
    {"run.max_logs", 0, kAnyNumber},
    {"reports.max_count", 1, kAnyNumber},
};

struct DurationRange {
  const char* path;
  absl::Duration shortest;
  absl::Duration longest;
};

constexpr absl::Duration kDay = absl::Hours(24);

constexpr absl::Duration Days(int days) { return absl::Hours(24 * days); }

constexpr DurationRange kDurations[] = {
    {"schedule.jitter", absl::ZeroDuration(), kDay},
    {"auth0.settle_delay", absl::ZeroDuration(), absl::Hours(1)},
    {"auth0.retention", absl::Hours(1), Days(3650)},
    {"profile.cache_ttl", absl::ZeroDuration(), Days(30)},
    {"slack.reminder_interval", absl::Minutes(1), Days(30)},
    {"run.max_duration", absl::Seconds(1), Days(7)},
    {"run.max_stall", absl::Seconds(1), kDay},
    {"completeness.ages", absl::Seconds(1), Days(30)},
    {"completeness.interval", absl::Seconds(1), kDay},
    {"completeness.window_lateness", absl::ZeroDuration(), Days(7)},
    {"reports.max_age", absl::Hours(1), Days(3650)},
};

// Each age costs a request for every page of logs.
constexpr int kMostAges = 5;
constexpr std::size_t kLongestText = 8192;
constexpr std::size_t kLongestHostName = 253;
constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestLogPath = 256;
constexpr std::size_t kDeepestLogPath = 16;

absl::Status CheckNumber(std::int64_t value, const std::string& path) {
  for (const NumberRange& range : kNumbers) {
    if (path != range.path) continue;
    if (value >= range.lowest && value <= range.highest) return absl::OkStatus();
    return absl::InvalidArgumentError(
        range.highest == kAnyNumber
            ? absl::StrCat("is ", value, "; allowed: ", range.lowest, " or more")
            : absl::StrCat("is ", value, "; allowed: ", range.lowest, " to ", range.highest));
  }
  return absl::InternalError("has no range");
}

absl::Status CheckDuration(const google::protobuf::Duration& value, const std::string& path) {
  for (const DurationRange& range : kDurations) {
    if (path != range.path) continue;
    const std::string allowed = absl::StrCat("; allowed: ", FormatDurationText(range.shortest),
                                             " to ", FormatDurationText(range.longest));
    const bool same_sign =
        value.seconds() == 0 || value.nanos() == 0 || (value.seconds() < 0) == (value.nanos() < 0);
    if (!same_sign || value.nanos() <= -1'000'000'000 || value.nanos() >= 1'000'000'000) {
      return absl::InvalidArgumentError(absl::StrCat("is no well-formed duration (seconds ",
                                                     value.seconds(), ", nanos ", value.nanos(),
                                                     ")", allowed));
    }
    const absl::Duration duration = ToDuration(value);
    if (duration >= range.shortest && duration <= range.longest) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("is ", FormatDurationText(duration), allowed));
  }
  return absl::InternalError("has no range");
}

absl::Status CheckText(const std::string& text) {
  if (text.size() > kLongestText) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", text.size(), " bytes; allowed: at most ", kLongestText));
  }
  if (!IsValidUtf8(text)) return absl::InvalidArgumentError("is not UTF-8");
  for (const char c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      return absl::InvalidArgumentError("holds a line break or another control character");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckList(const Message& holder, const FieldDescriptor& field,
                       const std::string& path) {
  const google::protobuf::Reflection* reflection = holder.GetReflection();
  const int size = reflection->FieldSize(holder, &field);
  const int most = IsDuration(field) ? kMostAges : static_cast<int>(kMostListItems);
  if (size > most) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", size, " items; allowed: at most ", most));
  }
  for (int i = 0; i < size && IsDuration(field); ++i) {
    google::protobuf::Duration value;
    value.CopyFrom(reflection->GetRepeatedMessage(holder, &field, i));
    if (const absl::Status item = CheckDuration(value, path); !item.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("[", i, "] ", item.message()));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckValue(const v1::ExporterConfig& config, const ConfigField& field) {
  if (!IsSet(config, field)) return absl::OkStatus();
  const FieldDescriptor& descriptor = field.descriptor();
  const Message& holder = HolderOf(config, field);
  const google::protobuf::Reflection* reflection = holder.GetReflection();
  if (descriptor.is_repeated()) return CheckList(holder, descriptor, field.path);
  switch (descriptor.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return CheckNumber(reflection->GetInt32(holder, &descriptor), field.path);
    case FieldDescriptor::CPPTYPE_INT64:
      return CheckNumber(reflection->GetInt64(holder, &descriptor), field.path);
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int value = reflection->GetEnumValue(holder, &descriptor);
      if (descriptor.enum_type()->FindValueByNumber(value) != nullptr) return absl::OkStatus();
      return absl::InvalidArgumentError(absl::StrCat("is ", value, ", which is no known value"));
    }
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      google::protobuf::Duration value;
      value.CopyFrom(reflection->GetMessage(holder, &descriptor));
      return CheckDuration(value, field.path);
    }
    case FieldDescriptor::CPPTYPE_STRING:
      return CheckText(reflection->GetString(holder, &descriptor));
    default:
      return absl::OkStatus();
  }
}

absl::Status CheckHostName(absl::string_view text) {
  const auto refuse = [text] {
    return absl::InvalidArgumentError(absl::StrCat(
        "is ", Quoted(text), "; write the host name alone, such as acme.eu.auth0.com"));
  };
  if (text.empty() || text.size() > kLongestHostName) return refuse();
  for (const absl::string_view label : absl::StrSplit(text, '.')) {
    if (label.empty() || label.size() > kLongestLabel || label.front() == '-' ||
        label.back() == '-') {
      return refuse();
    }
    for (const char c : label) {
      if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '-') return refuse();
    }
  }
  return absl::OkStatus();
}

absl::Status CheckToken(absl::string_view text, std::size_t longest) {
  if (text.empty() || text.size() > longest) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", text.size(), " characters; allowed: 1 to ", longest));
  }
  for (const char c : text) {
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c))) {
      return absl::InvalidArgumentError("holds a space or another character that cannot be in it");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckLogPath(absl::string_view text) {
  const auto refuse = [text](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat(
        "is ", Quoted(text), ", ", why,
        "; write keys joined by dots, such as details.request.ip, with * for any key"));
  };
  if (text.size() > kLongestLogPath) return refuse("which is too long");
  RETURN_IF_ERROR(CheckForSlips(text));
  const std::vector<absl::string_view> keys = absl::StrSplit(text, '.');
  if (keys.size() > kDeepestLogPath) return refuse("which has too many keys");
  if (absl::StartsWith(text, "$.")) return refuse("which is a JSONPath");
  if (absl::StrContains(text, '/')) return refuse("which has slashes");
  for (const absl::string_view key : keys) {
    if (key.empty()) return refuse("which has an empty key");
    if (absl::EndsWith(key, "]") && absl::StrContains(key, '[')) {
      return refuse("which has brackets");
    }
    if (key != "*" && absl::StrContains(key, '*')) return refuse("in which * is part of a key");
    for (const char c : key) {
      if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
        return refuse("which holds a control character");
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace logexport
