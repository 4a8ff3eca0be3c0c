#ifndef LOGEXPORT_SERVICE_HTTP_REDACTING_TRANSPORT_H_
#define LOGEXPORT_SERVICE_HTTP_REDACTING_TRANSPORT_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "service/base/mutex.h"
#include "service/http/secret_redactor.h"
#include "service/http/transport.h"

namespace logexport {

// A transport whose answers hold no secret: servers, and what answers in their place, repeat in
// their errors what they were sent, and error texts go into reports, logs and messages. Every
// secret that a request names (HttpRequest::secrets), and those it was made with, are replaced in
// the body, in header values and in error messages of all later answers. Thread-safe; `transport`
// must outlive it.
class RedactingTransport final : public HttpTransport {
 public:
  explicit RedactingTransport(HttpTransport& transport, std::vector<std::string> secrets = {});

  absl::StatusOr<HttpResponse> Issue(const HttpRequest& request) override;
  std::unique_ptr<HttpExchange> Begin(HttpRequest request) override;

 private:
  // A redactor that knows `secrets` beside those it knew already.
  std::shared_ptr<const SecretRedactor> Knowing(const std::vector<std::string>& secrets);

  HttpTransport& transport_;
  const std::size_t kept_;  // how many secrets of the redactor stay for good
  Mutex mutex_;
  std::shared_ptr<const SecretRedactor> redactor_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_HTTP_REDACTING_TRANSPORT_H_
