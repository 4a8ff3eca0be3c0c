#ifndef LOGEXPORT_SERVICE_SEGMENT_GZIP_H_
#define LOGEXPORT_SERVICE_SEGMENT_GZIP_H_

#include <string>

#include "absl/strings/string_view.h"

namespace logexport {

// Replaces the content of `out` by `text` in gzip format (RFC 1952), made for speed.
void Gzip(absl::string_view text, std::string* out);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_GZIP_H_
