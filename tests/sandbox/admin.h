#ifndef LOGEXPORT_TESTS_SANDBOX_ADMIN_H_
#define LOGEXPORT_TESTS_SANDBOX_ADMIN_H_

#include "absl/strings/string_view.h"

#include "tests/sandbox/http/http_message.h"
#include "tests/sandbox/simulation.h"

namespace logexport::sandbox {

inline constexpr absl::string_view kAdminPath = "/_sandbox/";

// The sandbox's own interface, for tests and people. Under /_sandbox/:
//   GET    stats                         all counts (see SandboxStats)
//   GET    events?log_id=&duplicates=    accepted events, one JSON object a line: messageId, type,
//                                        event, userId, timestamp, log_id, duplicate, and last the
//                                        event itself, unchanged: raw
//   GET    missing?limit=                {"count", "log_ids"}: logs without an accepted event
//   GET    log?id= or log?n=             one log as it is served
//   GET    log_ids?offset=&limit=        all ids, one a line
//   GET    slack                         the payloads that Slack took, one a line
//   GET    faults                        rules, with the requests that they counted and struck
//   POST   faults                        adds rules and latency, see FaultPlan
//   DELETE faults                        removes all rules
//   POST   logs                          adds logs, one JSON object a line: all or none
//   POST   logs?id=                      adds the body as one log, whatever it is
//   POST   generate?count=&start=&span=  makes up logs; start is RFC 3339 (absent: after the newest
//                                        log), span like 90s (absent: 1s)
//   POST   expire?until=                 lists the logs up to that id no longer
//   POST   clock?offset=                 sets the services' clock to the host's plus this, like
//   -90s POST   revoke-tokens                 makes every access token unknown POST   reset see
//   Simulation::Reset
// Errors: 400 and 404 with the reason as text, 405 for another method.
HttpResponse HandleAdmin(Simulation& simulation, const HttpRequest& request);

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_ADMIN_H_
