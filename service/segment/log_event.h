#ifndef LOGEXPORT_SERVICE_SEGMENT_LOG_EVENT_H_
#define LOGEXPORT_SERVICE_SEGMENT_LOG_EVENT_H_

#include <string>

#include "service/export/log.h"
#include "service/export/settings.h"
#include "service/json/json_slice_reader.h"
#include "service/segment/event_envelope.h"
#include "service/segment/log_fields.h"

namespace logexport {

// Appends `,"properties":{…}` of the mapping LOG_EVENT:
//
//   type, log_id, category, level, description   always; description is "" where the log has none
//   the log's other fields                       under their property names, values as in the log,
//                                                without nulls
//   scope                                        always one string, scopes separated by spaces
//   location_info                                as in the log
//   details                                      in the form asked for: the JSON text of whatever
//                                                it was, or always an object (anything else becomes
//                                                {"value": …})
//   ip, user_agent, user_id, date                only where they could not be used for what they
//                                                are: no address, no text, no id, no time
//   timestamp_source                             "log_id" or "none" where the date was unreadable
//   invalid_utf8                                 true where the log held invalid UTF-8 or lone
//                                                surrogates, which are now U+FFFD
//
// Values nested too deep become their JSON text.
void AppendLogProperties(const Log& log, const LogFields& fields, ContextUse used, TimeSource time,
                         DetailsForm form, JsonReader& reader, std::string* out);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_LOG_EVENT_H_
