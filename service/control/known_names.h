#ifndef LOGEXPORT_SERVICE_CONTROL_KNOWN_NAMES_H_
#define LOGEXPORT_SERVICE_CONTROL_KNOWN_NAMES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/repeated_field.h>

#include "service/control/api_error.h"

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

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_KNOWN_NAMES_H_
