#ifndef LOGEXPORT_SERVICE_HTTP_OBSERVED_TRANSPORT_H_
#define LOGEXPORT_SERVICE_HTTP_OBSERVED_TRANSPORT_H_

#include <memory>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/http/transport.h"

namespace logexport {

// Is told of requests. Called from the thread that made the request; must not block.
class RequestObserver {
 public:
  virtual ~RequestObserver() = default;
  // `status` is 0 where no complete answer came.
  virtual void RequestEnded(absl::string_view purpose, int status, absl::Duration took) = 0;
};

// Tells an observer how requests ended. One that was begun and never finished has no end, and is
// not told. Thread-safe; all must outlive it.
class ObservedTransport final : public HttpTransport {
 public:
  ObservedTransport(HttpTransport& transport, Clock& clock, RequestObserver& observer)
      : transport_(transport), clock_(clock), observer_(observer) {}

  absl::StatusOr<HttpResponse> Issue(const HttpRequest& request) override;
  std::unique_ptr<HttpExchange> Begin(HttpRequest request) override;

 private:
  HttpTransport& transport_;
  Clock& clock_;
  RequestObserver& observer_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_HTTP_OBSERVED_TRANSPORT_H_
