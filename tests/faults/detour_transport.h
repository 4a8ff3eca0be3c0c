#ifndef LOGEXPORT_TESTS_FAULTS_DETOUR_TRANSPORT_H_
#define LOGEXPORT_TESTS_FAULTS_DETOUR_TRANSPORT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "service/http/transport.h"
#include "tests/sandbox/faults/endpoint.h"
#include "tests/support/fake_clock.h"

namespace logexport {

// Sends the calls of some endpoints another way: to an address where nobody or the wrong one
// answers, or with little patience. All else goes through `inner` untouched. Thread-safe.
//
// A call whose patience ends moves the clock by what its own timeout would have taken, so that a
// peer that hangs costs a run what it costs in earnest, and the test a fraction of a second.
class DetourTransport final : public HttpTransport {
 public:
  // Both must outlive it; the clock must be in automatic mode.
  DetourTransport(HttpTransport& inner, FakeClock& clock) : inner_(inner), clock_(clock) {}

  struct Detour {
    sandbox::EndpointSet endpoints;
    std::string authority;  // "https://localhost:1234"; empty: where it was going
    absl::Duration patience = absl::InfiniteDuration();
    int skip = 0;   // of the endpoints' calls, so many go straight first ...
    int times = 0;  // ... and so many are sent this way (0: no limit)
  };
  void Set(Detour detour);
  void Clear() { Set(Detour()); }

  absl::StatusOr<HttpResponse> Issue(const HttpRequest& request) override;
  std::unique_ptr<HttpExchange> Begin(HttpRequest request) override;

 private:
  class Begun;

  // The request as it is to be sent.
  HttpRequest Divert(HttpRequest request);
  // What `asked` costs, sent as `sent`, when it began at `begun`.
  absl::StatusOr<HttpResponse> Charge(absl::StatusOr<HttpResponse> response, absl::Duration asked,
                                      absl::Duration sent, absl::Duration begun);

  HttpTransport& inner_;
  FakeClock& clock_;
  Mutex mutex_;
  Detour detour_ ABSL_GUARDED_BY(mutex_);
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_FAULTS_DETOUR_TRANSPORT_H_
