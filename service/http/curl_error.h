#ifndef LOGEXPORT_SERVICE_HTTP_CURL_ERROR_H_
#define LOGEXPORT_SERVICE_HTTP_CURL_ERROR_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include <curl/curl.h>

#include "service/http/transport.h"

namespace logexport {

// Says in words what became of an exchange that ended in `code`, which is not CURLE_OK, with the
// status codes of HttpTransport. `peer` is the host as the reader knows it, `curl_text` curl's
// error buffer, of which only what cannot hold a secret is repeated.
absl::Status CurlError(CURLcode code, CURL* easy, absl::string_view curl_text,
                       absl::string_view peer, const HttpRequest& request, bool answer_begun);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_HTTP_CURL_ERROR_H_
