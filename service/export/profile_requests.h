#ifndef LOGEXPORT_SERVICE_EXPORT_PROFILE_REQUESTS_H_
#define LOGEXPORT_SERVICE_EXPORT_PROFILE_REQUESTS_H_

#include <vector>

#include "service/export/event_sink.h"
#include "service/export/filter.h"
#include "service/export/log.h"
#include "service/export/log_source.h"

namespace logexport {

// The users whose profiles the events of these logs want, each once, in the order of the logs, and
// when the last of the logs tells that they have changed.
std::vector<ProfileSource::Request> ProfileRequests(const std::vector<Log>& logs,
                                                    const LogFilter& filter,
                                                    const EventMapper& mapper);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_PROFILE_REQUESTS_H_
