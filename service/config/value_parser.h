#ifndef LOGEXPORT_SERVICE_CONFIG_VALUE_PARSER_H_
#define LOGEXPORT_SERVICE_CONFIG_VALUE_PARSER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace google::protobuf {
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

namespace logexport {

// Values as people write them in files and environment variables. Errors are INVALID_ARGUMENT and
// continue a sentence about the field: `is "often"; write true or false`.

// true, false, yes, no, on, off, 1, 0, in any case.
absl::StatusOr<bool> ParseBool(absl::string_view text);

// Sets `field` of `message` to the value written as `text`, or appends it if the field is a list.
// Supports every type of setting except lists of messages. Enums are written by short name, full
// name or number: json-string, DETAILS_FORMAT_JSON_STRING, 1. Durations are written as in
// duration_text.h. Strings are stored unchanged and unchecked, so no error quotes a secret.
absl::Status SetFromText(const google::protobuf::FieldDescriptor& field, absl::string_view text,
                         google::protobuf::Message* message);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_VALUE_PARSER_H_
