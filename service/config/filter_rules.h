#ifndef LOGEXPORT_SERVICE_CONFIG_FILTER_RULES_H_
#define LOGEXPORT_SERVICE_CONFIG_FILTER_RULES_H_

#include <string>
#include <vector>

#include "service/export/log.h"

namespace logexport {

namespace v1 {
class ExporterConfig;
}  // namespace v1

// What the parts of a filter mean together. Each may be right and all of them let nothing through:
// then every run succeeds, and nothing arrives.
struct FilterFinding {
  std::string field;        // "filter.types[1]"
  std::string description;  // continues a sentence about the field
  bool refused = false;     // else only worth a warning
};

// `config` with its defaults; `types` is the table of log types. Codes and categories that are not
// in it are taken for ones that Auth0 has added since: a filter with such is never refused for
// letting nothing through. Pure.
std::vector<FilterFinding> CheckFilterTogether(const v1::ExporterConfig& config,
                                               const std::vector<LogType>& types);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_FILTER_RULES_H_
