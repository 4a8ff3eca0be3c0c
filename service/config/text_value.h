#ifndef LOGEXPORT_SERVICE_CONFIG_TEXT_VALUE_H_
#define LOGEXPORT_SERVICE_CONFIG_TEXT_VALUE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace google::protobuf {
class FieldDescriptor;
class Message;
}  // namespace google::protobuf

namespace logexport {

// Values as people write them in files and in environment variables. Errors are INVALID_ARGUMENT
// and read as the end of a sentence about the field: `is "often"; write true or false`.

// true, false, yes, no, on, off, 1, 0, in any case.
absl::StatusOr<bool> ParseBool(absl::string_view text);

// 90s, 5m, 1h30m, 2d, 1d12h, 500ms, 0. Finite; not negative.
absl::StatusOr<absl::Duration> ParseDurationText(absl::string_view text);

// Gives `field` of `message` the value written as `text`; appends it where the field is a list.
// Takes every type of field that a setting has except lists of messages. Enums go by their short or
// full name (json-string, DETAILS_FORMAT_JSON_STRING) or number. Texts are taken as they are, so
// that no error ever quotes a secret.
absl::Status SetFromText(const google::protobuf::FieldDescriptor& field, absl::string_view text,
                         google::protobuf::Message* message);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_TEXT_VALUE_H_
