#ifndef LOGEXPORT_TESTS_SEGMENT_REFERENCE_REDACTOR_H_
#define LOGEXPORT_TESTS_SEGMENT_REFERENCE_REDACTOR_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

#include "service/export/log.h"
#include "service/export/settings.h"

namespace logexport {

// What LogRedactor makes of a log, as text.
struct ReferenceResult {
  std::string log;
  std::string profile;
  std::string tenant;
  bool mended = false;
  bool hashed = false;
};

// LogRedactor::Redact as it was written first, on a tree of JsonValues. Slow, and simple enough to
// measure the other against.
std::optional<ReferenceResult> RedactPlainly(const PrivacySettings& settings, const Log& log,
                                             absl::string_view profile, absl::string_view tenant);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SEGMENT_REFERENCE_REDACTOR_H_
