#ifndef LOGEXPORT_SERVICE_WEB_WEB_SERVICE_H_
#define LOGEXPORT_SERVICE_WEB_WEB_SERVICE_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

#include "service/access/call_gate.h"
#include "service/access/rpc_table.h"
#include "service/web/connect_calls.h"
#include "service/web/console_files.h"
#include "service/web/origin_rules.h"
#include "service/web/session_endpoint.h"
#include "service/web/web_exchange.h"

namespace logexport {

// What the HTTP side serves.
struct WebContent {
  // OK when the service can serve now; anything else is shown to everybody, so no detail in it.
  std::function<absl::Status()> ready;
  // The text of /metrics, in the text format of Prometheus 0.0.4.
  std::function<std::string()> metrics;
  // Whether /metrics needs no viewer's token.
  bool metrics_open = false;
  // The files of the console; empty when it was not built.
  std::vector<ConsoleFile> console = {};
  // Names by which the service is reached, without ports, beside those of loopback.
  std::vector<std::string> hosts = {};
  // Scheme, host and port of --http-url; may be empty.
  std::string own_origin = {};
};

// Answers HTTP requests by their path. Thread-safe.
class WebService {
 public:
  // All must outlive it.
  WebService(CallGate& gate, const RpcTable& rpcs, Logins& logins, WebContent content)
      : gate_(gate),
        content_(std::move(content)),
        origins_(content_.hosts, content_.own_origin),
        calls_(gate, rpcs),
        sessions_(gate, logins) {}

  void Handle(WebExchange& exchange);

 private:
  // Whether the request may not be answered, because it names a host that is not ours or a page of
  // another site may be behind it. It is answered with that then.
  bool IsForeign(WebExchange& exchange);
  void ServeReadiness(WebExchange& exchange);
  void ServeMetrics(WebExchange& exchange);

  CallGate& gate_;
  const WebContent content_;
  const OriginRules origins_;
  ConnectCalls calls_;
  SessionEndpoint sessions_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WEB_WEB_SERVICE_H_
