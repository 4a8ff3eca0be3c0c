#ifndef LOGEXPORT_SERVICE_EXPORT_FILTER_H_
#define LOGEXPORT_SERVICE_EXPORT_FILTER_H_

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"

#include "service/export/log.h"
#include "service/export/settings.h"

namespace logexport {

// Decides which logs are exported. Auth0 ignores every filter on checkpoint reads, so this is ours.
// Immutable, thread-safe.
class LogFilter {
 public:
  // `own_client_id` is the client the exporter itself reads with; its logs are noise made by
  // exporting, and are left out if `settings.ignore_own_client`.
  LogFilter(const FilterSettings& settings, absl::string_view own_client_id);

  // Why the log is left out (static text, counted in the report), or an empty view to export it.
  absl::string_view ReasonToSkip(const Log& log) const;

 private:
  absl::flat_hash_set<std::string> types_;
  absl::flat_hash_set<std::string> categories_;
  absl::flat_hash_set<std::string> client_ids_;
  absl::flat_hash_set<std::string> connections_;
  int min_level_;
  std::string own_client_id_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_FILTER_H_
