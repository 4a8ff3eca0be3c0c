#ifndef LOGEXPORT_TESTS_SANDBOX_STATS_H_
#define LOGEXPORT_TESTS_SANDBOX_STATS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sandbox/auth0/auth0_simulator.h"
#include "tests/sandbox/faults/endpoint.h"
#include "tests/sandbox/http/http_server.h"
#include "tests/sandbox/segment/segment_simulator.h"

namespace logexport::sandbox {

struct EndpointCounters {
  std::uint64_t requests = 0;
  std::uint64_t faults = 0;    // requests struck by a fault rule
  std::uint64_t refusals = 0;  // answers of 400 and above
  std::uint64_t in_flight = 0;
  std::uint64_t max_in_flight = 0;
};

// Everything countable at one moment; the content of GET /_sandbox/stats.
struct SandboxStats {
  PerEndpoint<EndpointCounters> endpoints;
  std::uint64_t requests = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t max_in_flight = 0;
  std::uint64_t unknown_requests = 0;
  std::string last_unknown_request;  // method and path

  std::uint64_t logs = 0;  // in the tenant, expired ones included
  std::uint64_t log_bytes = 0;
  std::uint64_t expired_logs = 0;
  Auth0Counters auth0;

  std::uint64_t events_accepted = 0;
  std::uint64_t unique_message_ids = 0;  // events without an id count as one each
  std::uint64_t duplicates = 0;          // accepted with a messageId accepted before
  std::uint64_t events_without_message_id = 0;
  std::uint64_t logs_with_events = 0;
  SegmentCounters segment;

  std::vector<std::string> slack_texts;
  std::uint64_t slack_refused = 0;

  HttpServer::Counters http;

  std::string ToJson() const;
};

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_STATS_H_
