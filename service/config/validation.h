#ifndef LOGEXPORT_SERVICE_CONFIG_VALIDATION_H_
#define LOGEXPORT_SERVICE_CONFIG_VALIDATION_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/config/secret_resolver.h"
#include "service/config/violation.h"
#include "service/export/log.h"

namespace logexport {

namespace v1 {
class ExporterConfig;
}

// What validation needs to know from elsewhere. Whatever is absent is not checked.
struct ValidationContext {
  // Whether the table of log types holds a code or a category. Unknown ones are only warned about:
  // Auth0 adds types before anybody's table has them.
  std::function<bool(absl::string_view)> is_known_log_type;
  std::function<bool(absl::string_view)> is_known_category;
  // The table itself: what the parts of the filter mean together is held against it.
  const std::vector<LogType>* log_types = nullptr;
  // When given, references are read, and what they hold is checked as literals are. A reference
  // that `exporter` may not send to where the configuration says is refused.
  const SecretResolver* secrets = nullptr;
  std::string exporter;
  // When this is: start_from may not lie after it.
  absl::Time now = absl::InfiniteFuture();
  // False where required settings may still come from elsewhere.
  bool require_all = true;
};

struct ValidationResult {
  std::vector<ConfigViolation> violations;
  // What deserves attention although it is accepted: "filter.types[2]: …".
  std::vector<std::string> warnings;

  bool ok() const { return violations.empty(); }
};

// Checks every field of a configuration that is about to be stored, and what they mean together.
// Defaults need not be filled in. Descriptions never hold a secret's value.
ValidationResult ValidateConfig(const v1::ExporterConfig& config, const ValidationContext& context);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_VALIDATION_H_
