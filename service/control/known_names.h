#ifndef LOGEXPORT_SERVICE_CONTROL_KNOWN_NAMES_H_
#define LOGEXPORT_SERVICE_CONTROL_KNOWN_NAMES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/repeated_field.h>

#include "service/control/api_error.h"
#include "service/export/log.h"

namespace logexport {

// A filter that names what cannot exist matches nothing, and the answer would look like good news.
// Adds a violation of `field` for every name that is no value of `type` (written without the prefix
// of the enum), with the nearest one.
void CheckNames(absl::string_view field,
                const google::protobuf::RepeatedPtrField<std::string>& names,
                const google::protobuf::EnumDescriptor& type,
                std::vector<ApiError::Violation>* violations);

// The same with a list of what there is; `what` names its kind: "category".
void CheckNames(absl::string_view field,
                const google::protobuf::RepeatedPtrField<std::string>& names,
                absl::string_view what, const std::vector<std::string>& known,
                std::vector<ApiError::Violation>* violations);

// The name among `known` that differs from `name` at most in case, `-` and `_`, so that
// update-config stands for UpdateConfig; else `name`.
std::string AsKnown(absl::string_view name, const std::vector<std::string>& known);

// The same as CheckNames for codes of log types: one that is not in the table may be one that Auth0
// has added, but not one that the table has in another case, nor one with signs that no code has.
void CheckLogTypes(absl::string_view field,
                   const google::protobuf::RepeatedPtrField<std::string>& codes,
                   const std::vector<LogType>& types, std::vector<ApiError::Violation>* violations);

// The same for ids of logs, which have no form of their own: refused are quotes, white space and
// placeholders around them.
void CheckLogIds(absl::string_view field,
                 const google::protobuf::RepeatedPtrField<std::string>& ids,
                 std::vector<ApiError::Violation>* violations);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_KNOWN_NAMES_H_
