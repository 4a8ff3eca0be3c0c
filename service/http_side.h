#ifndef LOGEXPORT_SERVICE_HTTP_SIDE_H_
#define LOGEXPORT_SERVICE_HTTP_SIDE_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "service/access/call_gate.h"
#include "service/access/logins.h"
#include "service/access/rpc_table.h"
#include "service/base/mutex.h"
#include "service/server_options.h"
#include "service/state/store.h"
#include "service/web/http_listener.h"
#include "service/web/web_service.h"

namespace logexport {

// What the HTTP side is made of. All must outlive it.
struct HttpSideParts {
  CallGate& gate;
  const RpcTable& rpcs;
  Logins& logins;  // is told where links lead to
  Store& store;
  std::function<std::string()> metrics;  // the text of /metrics
};

// The HTTP listener as the flags ask for it, beside gRPC.
class HttpSide {
 public:
  // INVALID_ARGUMENT as of Start, before anything is opened for it.
  static absl::Status Check(const ServerOptions& options);

  // Null when it is off, or when the port that nobody named is taken, which is logged.
  //   INVALID_ARGUMENT  the flags contradict each other, let strangers in, or name bad files
  //   UNAVAILABLE       the address that was named is taken or not ours
  static absl::StatusOr<std::unique_ptr<HttpSide>> Start(const ServerOptions& options,
                                                         HttpSideParts parts);

  // host:port, with the port that was picked.
  const std::string& address() const { return listener_->address(); }

  // Tells /readyz that calls are served from now on, or no more.
  void SetServing(bool serving) { serving_ = serving; }

  // Takes no more requests, gives those in progress until `grace`, then ends them.
  void Shutdown(absl::Duration grace) { listener_->Shutdown(grace); }

 private:
  explicit HttpSide(Store& store) : store_(store) {}
  absl::Status Ready();

  Store& store_;
  std::atomic<bool> serving_{false};
  Mutex mutex_;
  // Probes may come as often as they like: the store is asked once in a while.
  absl::Duration checked_ ABSL_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
  bool store_works_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<WebService> web_;
  std::unique_ptr<HttpListener> listener_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_HTTP_SIDE_H_
