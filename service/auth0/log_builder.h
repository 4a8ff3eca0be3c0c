#ifndef LOGEXPORT_SERVICE_AUTH0_LOG_BUILDER_H_
#define LOGEXPORT_SERVICE_AUTH0_LOG_BUILDER_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/export/log.h"

namespace logexport {

// Makes the logs of a page of the members of their JSON objects: which of them the pipeline needs,
// and how whatever stands there is taken (PageDecoder says so).
class LogBuilder {
 public:
  explicit LogBuilder(Page* page) : page_(*page) {}

  // A member of the log that is being built. `key` is behind its quote and followed by 64 readable
  // bytes. `token` is a scalar as it stands in JSON, or begins with the bracket of anything else.
  void Add(const char* key, absl::string_view token);

  // The OpenAPI description has `date` as a string or as an object; of the latter only MongoDB's
  // extended JSON is known: {"$date": "2026-…"} or {"$date": milliseconds}.
  static bool IsDateObject(const char* key, absl::string_view token);
  void BeginDateObject() { log_.date.reset(); }
  void AddDollarDate(absl::string_view token) { log_.date = DateOf(token, true); }

  // The log is complete, and its text is `raw`.
  void Finish(absl::string_view raw);
  // An element of the array of logs that is no object.
  void AddNoObject(absl::string_view raw);

 private:
  absl::string_view Text(absl::string_view token);
  std::optional<absl::Time> DateOf(absl::string_view token, bool accepts_millis);
  const LogType* TypeOf(absl::string_view code);
  void SetDefect(Log::Defect defect);

  Page& page_;
  Log log_;
  absl::string_view log_id_;
  absl::string_view underscore_id_;
  absl::string_view type_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_LOG_BUILDER_H_
