#ifndef LOGEXPORT_TESTS_SANDBOX_SEGMENT_RESERVED_NAMES_H_
#define LOGEXPORT_TESTS_SANDBOX_SEGMENT_RESERVED_NAMES_H_

#include "absl/strings/string_view.h"
#include <simdjson.h>

namespace logexport::sandbox {

enum class ReservedNames {
  kProperties,  // Segment Spec: Track
  kTraits,      // Segment Spec: Identify; of an identify call, or of the context of another
  kContext,     // Segment Spec: Common Fields
};

// Whether a member has the type that its name stands for; any name that is not reserved, and null,
// may be anything. `text` is the content of a string, and ignored for other types.
bool KeepsReservedType(ReservedNames names, absl::string_view name,
                       simdjson::ondemand::json_type type, absl::string_view text);

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_SEGMENT_RESERVED_NAMES_H_
