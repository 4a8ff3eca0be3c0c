#include "service/config/schema.h"

#include <cstdint>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/message_differencer.h>

#include "logexport/v1/config.pb.h"
#include "logexport/v1/options.pb.h"
#include "service/base/spelling.h"
#include "service/config/endpoints.h"
#include "service/export/settings.h"

namespace logexport {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;

bool IsGroup(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field.is_repeated() &&
         !IsDuration(field);
}

std::string PathOf(const std::vector<const FieldDescriptor*>& steps) {
  std::string path;
  for (const FieldDescriptor* step : steps) {
    absl::StrAppend(&path, path.empty() ? "" : ".", std::string(step->name()));
  }
  return path;
}

void Walk(const Descriptor& type, std::vector<const FieldDescriptor*>* steps,
          std::vector<ConfigField>* fields) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    steps->push_back(field);
    if (IsGroup(*field)) {
      Walk(*field->message_type(), steps, fields);
    } else {
      fields->push_back({.path = PathOf(*steps),
                         .steps = *steps,
                         .secret = field->options().GetExtension(v1::sensitive),
                         .input_only = steps->size() == 1 && field->name() == "start_from"});
    }
    steps->pop_back();
  }
}

google::protobuf::Duration FromDuration(absl::Duration duration) {
  google::protobuf::Duration value;
  value.set_seconds(absl::ToInt64Seconds(duration));
  return value;
}

// What the pipeline does by default stands in export/settings.h and is only taken over here.
v1::ExporterConfig Defaults() {
  const ExporterSettings defaults;
  v1::ExporterConfig config;

  v1::Schedule& schedule = *config.mutable_schedule();
  schedule.set_cron("0 */5 * * * *");
  schedule.set_time_zone("UTC");
  *schedule.mutable_jitter() = FromDuration(absl::ZeroDuration());
  schedule.set_catch_up(true);

  v1::Auth0Settings& auth0 = *config.mutable_auth0();
  auth0.set_batch_size(defaults.auth0.batch_size);
  *auth0.mutable_settle_delay() = FromDuration(defaults.auth0.settle_delay);
  auth0.set_rate_limit_reserve_percent(defaults.auth0.rate_limit_reserve_percent);

  v1::SegmentSettings& segment = *config.mutable_segment();
  segment.set_endpoint("US");
  segment.set_mapping(v1::EVENT_MAPPING_LOG_EVENT);
  segment.set_details(v1::DETAILS_FORMAT_JSON_STRING);
  segment.set_anonymous_id(v1::ANONYMOUS_ID_CLIENT);
  segment.set_identify(defaults.segment.identify);
  segment.set_max_events_per_second(
      static_cast<std::int32_t>(defaults.segment.max_events_per_second));
  segment.set_max_in_flight(defaults.segment.max_in_flight);
  segment.set_gzip(defaults.segment.gzip);

  v1::LogFilter& filter = *config.mutable_filter();
  filter.set_min_level(static_cast<v1::LogLevel>(defaults.filter.min_level));
  filter.set_ignore_own_client(defaults.filter.ignore_own_client);

  v1::ProfileSettings& profile = *config.mutable_profile();
  profile.set_enabled(defaults.profile.enabled);
  *profile.mutable_cache_ttl() = FromDuration(defaults.profile.cache_ttl);
  profile.set_rate_share_percent(defaults.profile.rate_share_percent);

  config.mutable_privacy()->set_preset(v1::PRIVACY_PRESET_NONE);

  v1::SlackSettings& slack = *config.mutable_slack();
  slack.set_send_success(defaults.notifications.slack.send_success);
  slack.set_time_zone(defaults.notifications.slack.time_zone);
  slack.set_silence_periods(defaults.notifications.slack.silence_periods);
  *slack.mutable_reminder_interval() = FromDuration(defaults.notifications.slack.reminder_interval);

  config.mutable_webhook()->set_send_success(defaults.notifications.webhook.send_success);

  v1::RunLimits& run = *config.mutable_run();
  *run.mutable_max_duration() = FromDuration(defaults.run.max_duration);
  run.set_max_logs(defaults.run.max_logs);
  *run.mutable_max_stall() = FromDuration(defaults.run.max_stall);

  v1::CompletenessSettings& completeness = *config.mutable_completeness();
  completeness.set_enabled(defaults.completeness.enabled);
  for (const absl::Duration age : defaults.completeness.ages) {
    *completeness.add_ages() = FromDuration(age);
  }
  *completeness.mutable_interval() = FromDuration(defaults.completeness.interval);
  *completeness.mutable_window_lateness() = FromDuration(defaults.completeness.window_lateness);

  v1::ReportRetention& reports = *config.mutable_reports();
  *reports.mutable_max_age() = FromDuration(absl::Hours(24 * 90));
  reports.set_max_count(50000);
  return config;
}

// Removes groups that hold nothing, innermost first.
void RemoveEmptyGroups(Message* message) {
  const Reflection* reflection = message->GetReflection();
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message->GetDescriptor()->field(i);
    if (!IsGroup(*field) || !reflection->HasField(*message, field)) continue;
    Message* group = reflection->MutableMessage(message, field);
    RemoveEmptyGroups(group);
    if (group->ByteSizeLong() == 0) reflection->ClearField(message, field);
  }
}

}  // namespace

bool IsDuration(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type() == google::protobuf::Duration::descriptor();
}

const std::vector<ConfigField>& ConfigFields() {
  static const std::vector<ConfigField>& fields = *[] {
    auto* made = new std::vector<ConfigField>;
    std::vector<const FieldDescriptor*> steps;
    Walk(*v1::ExporterConfig::descriptor(), &steps, made);
    return made;
  }();
  return fields;
}

std::vector<std::string> ConfigPaths() {
  std::vector<std::string> paths;
  for (const ConfigField& field : ConfigFields()) {
    std::string group;
    for (std::size_t i = 0; i + 1 < field.steps.size(); ++i) {
      absl::StrAppend(&group, group.empty() ? "" : ".", std::string(field.steps[i]->name()));
    }
    if (!group.empty() && (paths.empty() || !absl::StartsWith(paths.back(), group + "."))) {
      paths.push_back(group);
    }
    paths.push_back(field.path);
  }
  return paths;
}

bool IsSet(const v1::ExporterConfig& config, const ConfigField& field) {
  const Message& holder = HolderOf(config, field);
  const Reflection* reflection = holder.GetReflection();
  if (field.descriptor().is_repeated()) {
    return reflection->FieldSize(holder, &field.descriptor()) > 0;
  }
  return reflection->HasField(holder, &field.descriptor());
}

void CopyField(const v1::ExporterConfig& from, const ConfigField& field, v1::ExporterConfig* to) {
  // Does not make a group for nothing.
  if (!IsSet(from, field) && !IsSet(*to, field)) return;
  const Message& source = HolderOf(from, field);
  const std::unique_ptr<Message> copy(source.New());
  copy->CopyFrom(source);
  Message* target = MutableHolder(field, to);
  target->GetReflection()->SwapFields(target, copy.get(), {&field.descriptor()});
}

bool SameValue(const v1::ExporterConfig& a, const v1::ExporterConfig& b, const ConfigField& field) {
  const bool is_set = IsSet(a, field);
  if (is_set != IsSet(b, field)) return false;
  if (!is_set) return true;
  const std::vector<const FieldDescriptor*> fields = {&field.descriptor()};
  google::protobuf::util::MessageDifferencer differencer;
  return differencer.CompareWithFields(HolderOf(a, field), HolderOf(b, field), fields, fields);
}

std::string TextOf(const v1::ExporterConfig& config, const ConfigField& field) {
  const Message& holder = HolderOf(config, field);
  return holder.GetReflection()->GetString(holder, &field.descriptor());
}

const Message& HolderOf(const v1::ExporterConfig& config, const ConfigField& field) {
  const Message* message = &config;
  for (std::size_t i = 0; i + 1 < field.steps.size(); ++i) {
    message = &message->GetReflection()->GetMessage(*message, field.steps[i]);
  }
  return *message;
}

Message* MutableHolder(const ConfigField& field, v1::ExporterConfig* config) {
  Message* message = config;
  for (std::size_t i = 0; i + 1 < field.steps.size(); ++i) {
    message = message->GetReflection()->MutableMessage(message, field.steps[i]);
  }
  return message;
}

void Normalize(v1::ExporterConfig* config) {
  static const v1::ExporterConfig& nothing = *new v1::ExporterConfig;
  for (const ConfigField& field : ConfigFields()) {
    const bool text = field.descriptor().cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
                      !field.descriptor().is_repeated();
    if (field.input_only || (text && TextOf(*config, field).empty())) {
      CopyField(nothing, field, config);
    }
  }
  RemoveEmptyGroups(config);
}

v1::ExporterConfig WithDefaults(const v1::ExporterConfig& config) {
  static const v1::ExporterConfig& defaults = *new v1::ExporterConfig(Defaults());
  v1::ExporterConfig complete = defaults;
  complete.MergeFrom(config);
  for (const ConfigField& field : ConfigFields()) {
    // MergeFrom takes a duration for a group: 0 s into 10 s would stay 10 s. And it would add to a
    // list of them.
    if (IsDuration(field.descriptor()) && IsSet(config, field)) {
      CopyField(config, field, &complete);
    }
  }
  v1::Auth0Settings& auth0 = *complete.mutable_auth0();
  if (!auth0.domain().empty()) {
    if (!auth0.has_audience()) auth0.set_audience(AudienceOfDomain(auth0.domain()));
    if (!auth0.has_base_url()) auth0.set_base_url(BaseUrlOfDomain(auth0.domain()));
  }
  RemoveEmptyGroups(&complete);
  return complete;
}

std::vector<std::string> RequiredFields() {
  return {"auth0.domain", "auth0.client_id", "auth0.client_secret", "segment.write_key"};
}

std::vector<std::string> ChangedFields(const v1::ExporterConfig& before,
                                       const v1::ExporterConfig& after) {
  const v1::ExporterConfig complete_before = WithDefaults(before);
  const v1::ExporterConfig complete_after = WithDefaults(after);
  std::vector<std::string> changed;
  for (const ConfigField& field : ConfigFields()) {
    if (field.input_only || SameValue(before, after, field)) continue;
    if (field.path == "segment.endpoint" || !SameValue(complete_before, complete_after, field)) {
      changed.push_back(field.path);
    }
  }
  return changed;
}

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

std::string DidYouMeanField(absl::string_view path) {
  const std::vector<std::string> paths = ConfigPaths();
  std::string nearest = NearestWord(path, paths);
  if (nearest.empty()) {
    const absl::string_view name = path.substr(path.rfind('.') + 1);
    std::vector<std::string> names;
    names.reserve(paths.size());
    for (const std::string& candidate : paths) {
      names.push_back(candidate.substr(candidate.rfind('.') + 1));
    }
    const std::string nearest_name = NearestWord(name, names);
    for (std::size_t i = 0; i < paths.size() && nearest.empty(); ++i) {
      if (!nearest_name.empty() && names[i] == nearest_name) nearest = paths[i];
    }
  }
  return nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?");
}

}  // namespace logexport
