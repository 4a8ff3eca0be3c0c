#ifndef LOGEXPORT_SERVICE_AUTH0_TYPE_TABLE_H_
#define LOGEXPORT_SERVICE_AUTH0_TYPE_TABLE_H_

#include <deque>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "service/export/log.h"

namespace logexport {

// The event-type codes that Auth0 documents ("Log Event Type Codes", "Log Event Filters"), with the
// names the Auth0 extension used where it had one. The data is log_types.tsv. Auth0 adds codes
// often, so a code that is missing here is normal and passes through. Thread-safe.

// Sorted by code. Lives for ever.
const std::vector<LogType>& AllLogTypes();

// The type with this code, or null.
const LogType* FindLogType(absl::string_view code);

// What can be told of a code that the table does not hold: a name made of the code, category
// "other", and a level by the habits of Auth0's own codes (f… and …_failed or …_failure are errors,
// limit_… is critical). The answer's views point into `code` and into a string added to `strings`.
LogType TypeForUnknownCode(absl::string_view code, std::deque<std::string>* strings);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_TYPE_TABLE_H_
