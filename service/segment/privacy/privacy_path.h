#ifndef LOGEXPORT_SERVICE_SEGMENT_PRIVACY_PRIVACY_PATH_H_
#define LOGEXPORT_SERVICE_SEGMENT_PRIVACY_PRIVACY_PATH_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace logexport {

enum class PathRelation {
  kUnrelated,
  kLeadsTo,   // the pattern names something below the keys
  kNames,     // the pattern names exactly what the keys lead to
  kContains,  // the pattern names something above
};

// How `pattern` ("details.*.ip") relates to the value that `keys` lead to. `*` stands for any one
// key. Keys may hold dots themselves ("https://example.com/roles").
PathRelation Relate(absl::string_view pattern, absl::Span<const absl::string_view> keys);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_PRIVACY_PRIVACY_PATH_H_
