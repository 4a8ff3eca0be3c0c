#ifndef LOGEXPORT_TESTS_SANDBOX_ADMIN_H_
#define LOGEXPORT_TESTS_SANDBOX_ADMIN_H_

#include "absl/strings/string_view.h"

#include "tests/sandbox/http/http_message.h"

namespace logexport::sandbox {

class Sandbox;

inline constexpr absl::string_view kAdminPath = "/_sandbox/";

// The sandbox's own interface, for tests and people:
//   GET    /_sandbox/stats                      all counts (see SandboxStats)
//   GET    /_sandbox/events?log_id=&duplicates= accepted events, one JSON object per line:
//   messageId,
//                                               type, event, userId, timestamp, log_id, duplicate,
//                                               and the event itself, unchanged, as the last: raw
//   GET    /_sandbox/missing?limit=             {"count", "log_ids"}: logs without an accepted
//   event GET    /_sandbox/log?id= or ?n=             one log as it is served GET
//   /_sandbox/log_ids?offset=&limit=     all ids, one per line GET    /_sandbox/slack payloads
//   taken, one per line GET    /_sandbox/faults                     rules with the requests they
//   counted and struck POST   /_sandbox/faults                     see FaultPlan DELETE
//   /_sandbox/faults                     no more faults POST   /_sandbox/logs adds logs: one JSON
//   object per line, all or none POST   /_sandbox/logs?id=                   adds the body,
//   whatever it is, as one log POST   /_sandbox/generate?count=&start=&span=  makes up logs; start
//   RFC 3339 (absent: after the
//                                               newest log), span like 90s (absent: 1s)
//   POST   /_sandbox/expire?until=              no longer lists the logs up to that id
//   POST   /_sandbox/clock?offset=              the services' clock is the host's plus, like -90s
//   POST   /_sandbox/revoke-tokens              every access token is unknown from now on
//   POST   /_sandbox/reset                      see Sandbox::Reset
// Errors: 400 and 404 with the reason as text.
HttpResponse HandleAdmin(Sandbox& sandbox, const HttpRequest& request);

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_ADMIN_H_
