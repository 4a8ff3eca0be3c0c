#ifndef LOGEXPORT_TESTS_SANDBOX_AUTH0_LOG_TEMPLATES_H_
#define LOGEXPORT_TESTS_SANDBOX_AUTH0_LOG_TEMPLATES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace logexport::sandbox {

// What stands for a value that differs from log to log.
enum class Slot {
  kNone,
  kId,
  kDate,
  kIp,
  kUserAgent,     // the short label: Chrome 1.2.3 / Linux 0.0.0
  kRawUserAgent,  // as a browser sends it
  kClientId,
  kClientName,
  kUserId,
  kUserIdInPath,  // percent-encoded
  kUserName,      // the e-mail address
  kFullName,
  kConnection,
  kConnectionId,
  kStrategy,
  kStrategyType,
  kCountry,  // a location_info member and a comma
  kHex,      // 24 digits
  kToken,    // 32 letters and digits
  kMillis,   // the date in milliseconds since 1970
  kMillisBefore,
  kSmall,  // 1 to 99
  kBig,    // 19 digits, above 2^53
};

// The form of a kind of log: pieces of text, each followed by a value.
struct LogTemplate {
  std::string type;
  int weight = 0;    // among its own kind, plain or odd
  bool odd = false;  // a shape that trips exporters up, rather than a frequent one
  std::vector<std::pair<std::string, Slot>> pieces;
};

// The kinds of logs of a tenant whose users mostly sign in and out. Written for the sandbox after
// the fields and sizes that Auth0 publishes; all names and addresses are reserved for examples.
std::vector<LogTemplate> StandardLogTemplates();

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_AUTH0_LOG_TEMPLATES_H_
