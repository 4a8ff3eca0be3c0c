#ifndef LOGEXPORT_SERVICE_SEGMENT_PRIVACY_MASK_H_
#define LOGEXPORT_SERVICE_SEGMENT_PRIVACY_MASK_H_

#include "absl/strings/string_view.h"

namespace logexport {

// What stands for a masked value, whatever it was and whatever its length. log_redactor.cc chooses
// what a value is replaced by (Replacement).
inline constexpr absl::string_view kMask = "*****";

// Whether the text tells nothing: it is empty, or a mask.
inline bool IsMasked(absl::string_view text) {
  return text.find_first_not_of('*') == absl::string_view::npos;
}

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_PRIVACY_MASK_H_
