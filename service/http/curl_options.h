#ifndef LOGEXPORT_SERVICE_HTTP_CURL_OPTIONS_H_
#define LOGEXPORT_SERVICE_HTTP_CURL_OPTIONS_H_

#include <cstddef>
#include <string>

#include "absl/time/time.h"

namespace logexport {

// What all exchanges of a transport over libcurl have in common.
struct CurlOptions {
  // A PEM file of authorities to trust in addition to the system's; read once. Empty: none.
  std::string ca_file;
  std::string user_agent = "logexport/0.1.0";
  // Connections kept open between exchanges, over all hosts together.
  std::size_t max_idle_connections = 32;
  absl::Duration dns_ttl = absl::Minutes(1);
  // An older connection is not used for another exchange, so that a host that moves is followed:
  // Segment asks its clients to look its name up again at least once a day.
  absl::Duration connection_max_age = absl::Hours(1);
  // An exchange that moves no byte at all for this long ends with DEADLINE_EXCEEDED, however long
  // its own timeout; whole seconds.
  absl::Duration stall_timeout = absl::Seconds(60);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_HTTP_CURL_OPTIONS_H_
