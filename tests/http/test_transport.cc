#include "tests/http/test_transport.h"

#include <cstdlib>
#include <iostream>
#include <utility>

namespace logexport {

std::unique_ptr<HttpTransport> NewTransport(const CurlOptions& options) {
  static const absl::Status ready = InitHttp();
  auto transport = MakeCurlTransport(options);
  if (!ready.ok() || !transport.ok()) {
    std::cerr << ready << " " << transport.status() << std::endl;
    std::abort();
  }
  return *std::move(transport);
}

HttpRequest Get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  return request;
}

HttpRequest Post(std::string url, absl::string_view body) {
  HttpRequest request = Get(std::move(url));
  request.method = HttpMethod::kPost;
  request.body = body;
  return request;
}

}  // namespace logexport
