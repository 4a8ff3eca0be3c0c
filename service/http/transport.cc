#include "service/http/transport.h"

#include <utility>

#include "absl/strings/match.h"

namespace logexport {
namespace {

class DeferredExchange final : public HttpExchange {
 public:
  DeferredExchange(HttpTransport& transport, HttpRequest request)
      : transport_(transport), request_(std::move(request)) {}

  absl::StatusOr<HttpResponse> Finish() override { return transport_.Issue(request_); }

 private:
  HttpTransport& transport_;
  const HttpRequest request_;
};

}  // namespace

std::unique_ptr<HttpExchange> HttpTransport::Begin(HttpRequest request) {
  return std::make_unique<DeferredExchange>(*this, std::move(request));
}

absl::string_view HttpResponse::Header(absl::string_view name) const {
  for (const HttpHeader& header : headers) {
    if (absl::EqualsIgnoreCase(header.name, name)) return header.value;
  }
  return {};
}

}  // namespace logexport
