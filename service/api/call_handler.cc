#include "service/api/call_handler.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include <grpc/grpc_security_constants.h>

#include "service/access/incoming_call.h"
#include "service/api/error_status.h"
#include "service/base/status_macros.h"

namespace logexport {
namespace {

IncomingCall Describe(const grpc::ServerContext& context, absl::string_view method) {
  IncomingCall call;
  call.method = method;
  call.address = context.peer();
  const auto& metadata = context.client_metadata();
  if (const auto header = metadata.find("authorization"); header != metadata.end()) {
    call.authorization = std::string(header->second.data(), header->second.size());
  }
  if (const auto claim = metadata.find("logexport-claimed-caller"); claim != metadata.end()) {
    call.claimed_caller = std::string(claim->second.data(), claim->second.size());
  }
  if (const auto trace = metadata.find("traceparent"); trace != metadata.end()) {
    call.traceparent = std::string(trace->second.data(), trace->second.size());
  }
  const auto auth = context.auth_context();
  if (auth != nullptr && auth->IsPeerAuthenticated()) {
    const std::vector<grpc::string_ref> names = auth->GetPeerIdentity();
    ClientCertificate& certificate = call.certificate.emplace();
    certificate.name =
        names.empty() ? call.address : std::string(names.front().data(), names.front().size());
    // On a server OpenSSL leaves the client's own certificate out of the chain
    // (SSL_get_peer_cert_chain), so it is asked for by itself.
    for (const char* const property :
         {GRPC_X509_PEM_CERT_PROPERTY_NAME, GRPC_X509_PEM_CERT_CHAIN_PROPERTY_NAME}) {
      for (const grpc::string_ref& pem : auth->FindPropertyValues(property)) {
        certificate.chain.append(pem.data(), pem.size());
      }
    }
  }
  call.deadline = absl::FromChrono(context.deadline());
  call.cancelled = [&context] { return context.IsCancelled(); };
  return call;
}

}  // namespace

grpc::Status CallHandler::Pass(grpc::ServerContext& context, absl::string_view method,
                               absl::FunctionRef<bool()> read,
                               const google::protobuf::Message& request,
                               absl::FunctionRef<absl::Status(const Call&, const Rpc&)> body) {
  const IncomingCall incoming = Describe(context, method);
  const CallOutcome outcome = gate_.Pass(incoming, [&](const Call& call) -> absl::Status {
    const bool complete = [&] {
      const StallGuard::Scope limit(guard_, context, kLongestRead);
      return read();
    }();
    RETURN_IF_ERROR(CheckStillWanted(incoming));
    if (!complete) return RequestUnreadable();
    RETURN_IF_ERROR(call.take(request));
    const Rpc* const rpc = rpcs_.Find(method);
    if (rpc == nullptr) return absl::InternalError(absl::StrCat(method, " does nothing"));
    return body(call, *rpc);
  });
  return ToGrpcStatus(outcome.status, outcome.request_id);
}

}  // namespace logexport
