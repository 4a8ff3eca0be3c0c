#include "service/config/environment_variables.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "service/base/spelling.h"
#include "service/config/exporter_id.h"
#include "service/config/schema.h"
#include "service/config/value_parser.h"

namespace logexport {
namespace {

struct Setting {
  const char* name;
  const char* alias;  // null when there is none
  const char* field;
};

constexpr Setting kSettings[] = {
    {"SCHEDULE", nullptr, "schedule.cron"},
    {"AUTH0_DOMAIN", nullptr, "auth0.domain"},
    {"AUTH0_CLIENT_ID", nullptr, "auth0.client_id"},
    {"AUTH0_CLIENT_SECRET", nullptr, "auth0.client_secret"},
    {"AUTH0_AUDIENCE", nullptr, "auth0.audience"},
    {"AUTH0_BASE_URL", nullptr, "auth0.base_url"},
    {"BATCH_SIZE", nullptr, "auth0.batch_size"},
    {"SEGMENT_KEY", nullptr, "segment.write_key"},
    {"SEGMENT_ENDPOINT", nullptr, "segment.endpoint"},
    {"SEGMENT_MAX_EVENTS_PER_SECOND", nullptr, "segment.max_events_per_second"},
    {"LOG_TYPES", nullptr, "filter.types"},
    {"EXPORT_MIN_LEVEL", nullptr, "filter.min_level"},
    {"SLACK_INCOMING_WEBHOOK", "SLACK_INCOMING_WEBHOOK_URL", "slack.webhook"},
    {"SLACK_SEND_SUCCESS", nullptr, "slack.send_success"},
    {"DAILY_REPORT_TIME", nullptr, "slack.daily_report_hour"},
    {"START_FROM", nullptr, "start_from"},
};

// "16", "16:00", "16:00 Europe/Berlin".
absl::Status SetDailyReport(absl::string_view text, v1::ExporterConfig* config) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(' ', 1));
  absl::string_view hour_text = parts.first;
  absl::ConsumeSuffix(&hour_text, ":00");
  int hour = 0;
  if (!absl::SimpleAtoi(hour_text, &hour)) {
    return absl::InvalidArgumentError(
        absl::StrCat("is ", Quoted(text),
                     "; write an hour from 0 to 23, and a time zone if it is not UTC: 16 "
                     "Europe/Berlin"));
  }
  config->mutable_slack()->set_daily_report_hour(hour);
  const absl::string_view zone = absl::StripAsciiWhitespace(parts.second);
  if (!zone.empty()) config->mutable_slack()->set_time_zone(std::string(zone));
  return absl::OkStatus();
}

absl::Status Set(const ConfigField& field, absl::string_view name, absl::string_view value,
                 v1::ExporterConfig* config) {
  if (field.path == "slack.daily_report_hour") return SetDailyReport(value, config);
  google::protobuf::Message* holder = MutableHolder(field, config);
  if (field.secret) {
    const bool reference = ParseSecretSource(value).reference();
    return SetFromText(field.descriptor(),
                       reference ? std::string(value) : absl::StrCat("env:", name), holder);
  }
  if (field.descriptor().is_repeated()) {
    for (absl::string_view item : absl::StrSplit(value, ',')) {
      item = absl::StripAsciiWhitespace(item);
      if (item.empty()) continue;
      if (absl::Status status = SetFromText(field.descriptor(), item, holder); !status.ok()) {
        return status;
      }
    }
    return absl::OkStatus();
  }
  return SetFromText(field.descriptor(), value, holder);
}

// The variable's value without surrounding white space; nothing when unset or empty.
std::optional<std::string> Find(const EnvironmentLookup& environment, absl::string_view name) {
  std::optional<std::string> value = environment(name);
  if (!value.has_value()) return std::nullopt;
  std::string stripped(absl::StripAsciiWhitespace(*value));
  if (stripped.empty()) return std::nullopt;
  return stripped;
}

}  // namespace

EnvironmentConfig ReadEnvironment(const EnvironmentLookup& environment) {
  EnvironmentConfig result;
  result.source.exporter = kDefaultExporter;
  const std::vector<ConfigField>& fields = ConfigFields();
  const std::vector<std::string> required = RequiredFields();
  for (const Setting& setting : kSettings) {
    std::string name = setting.name;
    std::optional<std::string> value = Find(environment, name);
    if (setting.alias != nullptr) {
      const std::optional<std::string> other = Find(environment, setting.alias);
      if (value.has_value() && other.has_value() && *value != *other) {
        result.violations.push_back(
            MakeViolationAt(name, setting.field,
                            absl::StrCat("is also set, to something else, by ", setting.alias,
                                         "; unset one of the two")));
      } else if (!value.has_value() && other.has_value()) {
        name = setting.alias;
        value = other;
      }
    }
    if (!value.has_value()) continue;
    result.variables.push_back(name);
    result.source.origins[setting.field] = name;
    result.identifies_exporter =
        result.identifies_exporter ||
        std::find(required.begin(), required.end(), setting.field) != required.end();
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&](const ConfigField& f) { return f.path == setting.field; });
    const absl::Status status = field == fields.end()
                                    ? absl::InternalError("is not a field of the configuration")
                                    : Set(*field, name, *value, &result.source.config);
    if (!status.ok()) {
      result.violations.push_back(
          MakeViolationAt(name, setting.field, std::string(status.message())));
    }
  }
  if (result.source.config.slack().has_time_zone()) {
    result.source.origins["slack.time_zone"] = "DAILY_REPORT_TIME";
  }
  return result;
}

std::string EnvironmentNameOf(absl::string_view field) {
  for (const Setting& setting : kSettings) {
    if (field == setting.field) return setting.name;
  }
  return "";
}

std::vector<std::string> LookAlikes(const std::vector<std::string>& variables) {
  std::vector<std::string> known = EnvironmentNames();
  for (const Setting& setting : kSettings) {
    if (setting.alias != nullptr) known.emplace_back(setting.alias);
  }
  std::vector<std::string> said;
  for (const std::string& name : variables) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string nearest = NearestWord(name, known);
    const bool meant_is_set =
        std::find(variables.begin(), variables.end(), nearest) != variables.end();
    if (nearest.empty() || meant_is_set) continue;
    said.push_back(absl::StrCat(Printable(name), " is not read; did you mean ", nearest, "?"));
  }
  return said;
}

std::vector<std::string> EnvironmentNames() {
  std::vector<std::string> names;
  for (const Setting& setting : kSettings) names.emplace_back(setting.name);
  return names;
}

}  // namespace logexport
