#include "service/http/observed_transport.h"

#include <utility>

namespace logexport {
namespace {

int StatusOf(const absl::StatusOr<HttpResponse>& response) {
  return response.ok() ? response->status : 0;
}

class ObservedExchange final : public HttpExchange {
 public:
  ObservedExchange(std::unique_ptr<HttpExchange> exchange, absl::string_view purpose, Clock& clock,
                   RequestObserver& observer)
      : exchange_(std::move(exchange)),
        purpose_(purpose),
        clock_(clock),
        observer_(observer),
        begun_(clock.Monotonic()) {}

  absl::StatusOr<HttpResponse> Finish() override {
    absl::StatusOr<HttpResponse> response = exchange_->Finish();
    observer_.RequestEnded(purpose_, StatusOf(response), clock_.Monotonic() - begun_);
    return response;
  }

 private:
  const std::unique_ptr<HttpExchange> exchange_;
  const absl::string_view purpose_;
  Clock& clock_;
  RequestObserver& observer_;
  const absl::Duration begun_;
};

}  // namespace

absl::StatusOr<HttpResponse> ObservedTransport::Issue(const HttpRequest& request) {
  const absl::Duration begun = clock_.Monotonic();
  absl::StatusOr<HttpResponse> response = transport_.Issue(request);
  observer_.RequestEnded(request.purpose, StatusOf(response), clock_.Monotonic() - begun);
  return response;
}

std::unique_ptr<HttpExchange> ObservedTransport::Begin(HttpRequest request) {
  const absl::string_view purpose = request.purpose;
  return std::make_unique<ObservedExchange>(transport_.Begin(std::move(request)), purpose, clock_,
                                            observer_);
}

}  // namespace logexport
