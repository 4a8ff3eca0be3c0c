#ifndef LOGEXPORT_SERVICE_CONFIG_SCHEMA_H_
#define LOGEXPORT_SERVICE_CONFIG_SCHEMA_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace google::protobuf {
class Duration;
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

namespace logexport {

namespace v1 {
class ExporterConfig;
}

// The message ExporterConfig is the one schema of the configuration: file, environment, updates,
// defaults and comparisons all walk the fields it declares, so that a new field needs no code here
// but its default and its rule of validation.

// One setting: a field that holds a value. Durations and lists are values as a whole; the messages
// that only group settings are not fields in this sense.
struct ConfigField {
  std::string path;  // dotted: "auth0.batch_size"
  std::vector<const google::protobuf::FieldDescriptor*> steps;
  bool secret = false;      // marked `sensitive`
  bool input_only = false;  // never stored: start_from

  const google::protobuf::FieldDescriptor& descriptor() const { return *steps.back(); }
};

// Every setting, in the order of declaration.
const std::vector<ConfigField>& ConfigFields();

// Every path that a field mask may hold: settings and the messages that group them.
std::vector<std::string> ConfigPaths();

bool IsDuration(const google::protobuf::FieldDescriptor& field);

// Whether the field has a value of its own. An empty list and an enum's zero count as not set.
bool IsSet(const v1::ExporterConfig& config, const ConfigField& field);

// Gives the field of `to` the value it has in `from`, or unsets it if it has none there.
void CopyField(const v1::ExporterConfig& from, const ConfigField& field, v1::ExporterConfig* to);

bool SameValue(const v1::ExporterConfig& a, const v1::ExporterConfig& b, const ConfigField& field);

// The value of a text field; empty when not set.
std::string TextOf(const v1::ExporterConfig& config, const ConfigField& field);
// The message in `config` that holds the field: an empty one, or made, if it is not there.
const google::protobuf::Message& HolderOf(const v1::ExporterConfig& config,
                                          const ConfigField& field);
google::protobuf::Message* MutableHolder(const ConfigField& field, v1::ExporterConfig* config);

// The form in which configurations are compared and stored: empty texts count as not set, groups
// without a setting are removed, start_from is dropped.
void Normalize(v1::ExporterConfig* config);

// `config` with every field that is not set given its default. Audience and base URL follow from
// the domain, if that is set. Required fields have no default.
v1::ExporterConfig WithDefaults(const v1::ExporterConfig& config);

// The paths of the fields an exporter cannot work without.
std::vector<std::string> RequiredFields();

// Which settings work differently in the two configurations, as dotted paths. Whether a value is
// the default or was written out makes no difference, except for `segment.endpoint`: writing it out
// confirms the region, which is otherwise only assumed.
std::vector<std::string> ChangedFields(const v1::ExporterConfig& before,
                                       const v1::ExporterConfig& after);

absl::Duration ToDuration(const google::protobuf::Duration& duration);

// What the user most likely meant by `path`, for messages: ` (did you mean "schedule.cron"?)` or
// nothing. Finds misspellings, other ways of writing (batchSize), and fields in another group.
std::string DidYouMeanField(absl::string_view path);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_SCHEMA_H_
