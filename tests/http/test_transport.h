#ifndef LOGEXPORT_TESTS_HTTP_TEST_TRANSPORT_H_
#define LOGEXPORT_TESTS_HTTP_TEST_TRANSPORT_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

#include "service/http/curl_transport.h"
#include "service/http/transport.h"

namespace logexport {

// A transport over libcurl, or the end of the test program.
std::unique_ptr<HttpTransport> NewTransport(const CurlOptions& options = {});

HttpRequest Get(std::string url);
HttpRequest Post(std::string url, absl::string_view body);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_HTTP_TEST_TRANSPORT_H_
