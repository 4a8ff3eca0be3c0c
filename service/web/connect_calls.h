#ifndef LOGEXPORT_SERVICE_WEB_CONNECT_CALLS_H_
#define LOGEXPORT_SERVICE_WEB_CONNECT_CALLS_H_

#include "absl/strings/string_view.h"

#include "service/access/call_gate.h"
#include "service/access/rpc_table.h"
#include "service/web/connect_protocol.h"
#include "service/web/web_exchange.h"

namespace logexport {

// Serves every RPC by the Connect protocol, in JSON and binary: the messages by their descriptors,
// what is done by the table that gRPC uses too, the caller by the same gate. Thread-safe.
class ConnectCalls {
 public:
  // Where the methods are: the path of a method is this and its name.
  static constexpr absl::string_view kPrefix = "/logexport.v1.LogExportService/";

  // Both must outlive it.
  ConnectCalls(CallGate& gate, const RpcTable& rpcs) : gate_(gate), rpcs_(rpcs) {}

  // Answers a call of `method`, whose origin is in order. Blocks until it has ended.
  void Serve(WebExchange& exchange, absl::string_view method);

 private:
  CallGate& gate_;
  const RpcTable& rpcs_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WEB_CONNECT_CALLS_H_
