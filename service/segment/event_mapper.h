#ifndef LOGEXPORT_SERVICE_SEGMENT_EVENT_MAPPER_H_
#define LOGEXPORT_SERVICE_SEGMENT_EVENT_MAPPER_H_

#include <memory>

#include "absl/strings/string_view.h"

#include "service/export/event_sink.h"
#include "service/export/settings.h"

namespace logexport {

// Makes the mapper from logs to calls of Segment's HTTP Tracking API, as the settings ask for:
//
//   LOG_EVENT  one track for every log, named after its type, with the log's fields as properties
//              (log_event.h) and the user's profile, if there is one, as context.traits
//   EXTENSION  one track for every sign-up and login, with the user's profile as properties
//              (extension_event.h)
//
// Either with an identify before it, if asked for, when the log tells of a sign-up or of a change
// of the profile and something is known about the user. Privacy rules are applied to log and
// profile before anything is made of them (privacy.h).
//
// A log without a user gets an anonymous id that stays the same for all logs of the same client
// (AnonymousIdSource::kClient) or tenant: each new id is one more user to be paid for.
//
// `tenant` is the host of the Auth0 tenant.
//
// Reasons why a log is filtered: NO_USER, TYPE_NOT_IN_EXTENSION. Reasons why one is rejected:
// MALFORMED_LOG (no JSON object, or none with an id), LOG_TOO_LARGE, EVENT_TOO_LARGE.
std::unique_ptr<EventMapper> MakeEventMapper(const SegmentSettings& segment,
                                             const PrivacySettings& privacy,
                                             const ProfileSettings& profile,
                                             absl::string_view tenant);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_EVENT_MAPPER_H_
