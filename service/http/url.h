#ifndef LOGEXPORT_SERVICE_HTTP_URL_H_
#define LOGEXPORT_SERVICE_HTTP_URL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace logexport {

// An http or https URL taken apart.
struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;  // lower case; an IPv4 address in dotted form; an IPv6 address without brackets
  int port = 0;      // the scheme's own where the text names none
  std::string path;  // starts with '/'
  std::string query;  // without '?'; empty if there is none

  // host, or host:port where the port is not the scheme's own; for messages and Host headers.
  std::string Authority() const;
};

// Takes apart an absolute http or https URL. INVALID_ARGUMENT for anything else, and for a URL with
// a user name, a password or a fragment; the message says what is wrong without repeating the text,
// which may hold a secret.
absl::StatusOr<Url> ParseUrl(absl::string_view text);

// True for localhost, 127.0.0.0/8 and ::1 (with or without brackets), by what is written: no name
// is looked up.
bool IsLoopbackHost(absl::string_view host);

// `text` with every byte outside the unreserved characters of RFC 3986 as %XX; for one query value
// or one path segment.
std::string PercentEncode(absl::string_view text);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_HTTP_URL_H_
