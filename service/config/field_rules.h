#ifndef LOGEXPORT_SERVICE_CONFIG_FIELD_RULES_H_
#define LOGEXPORT_SERVICE_CONFIG_FIELD_RULES_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "service/config/schema.h"

namespace logexport {

// The rules for single values. Errors are INVALID_ARGUMENT and continue a sentence about the field:
// `is 500; allowed: 1 to 100`. Only CheckToken may be used on secrets: it quotes nothing.

// How many items a list may have.
inline constexpr int kMostListItems = 1000;

// Numbers and durations within their range, enums with a known value, texts without control
// characters; lists short enough. By the field's type and the table of ranges.
absl::Status CheckValue(const v1::ExporterConfig& config, const ConfigField& field);

// A DNS name or an IPv4 address, without scheme, path or port.
absl::Status CheckHostName(absl::string_view text);

// Visible ASCII characters, at least one and at most `longest`.
absl::Status CheckToken(absl::string_view text, std::size_t longest);

// Dotted keys, of which `*` stands for any one: details.request.ip, profile.*.email.
absl::Status CheckLogPath(absl::string_view text);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_FIELD_RULES_H_
