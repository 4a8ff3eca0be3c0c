#include "service/api/call.h"

#include <algorithm>
#include <exception>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <google/protobuf/descriptor.h>

#include "logexport/v1/options.pb.h"
#include "logexport/v1/service.pb.h"
#include "service/api/error_status.h"
#include "service/base/logging.h"
#include "service/control/api_error.h"

namespace logexport {
namespace {

// For clients that set no deadline.
constexpr absl::Duration kLongestCall = absl::Seconds(60);

v1::Role RoleNeededFor(absl::string_view method) {
  const google::protobuf::ServiceDescriptor* service =
      google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
          "logexport.v1.LogExportService");
  const google::protobuf::MethodDescriptor* descriptor =
      service == nullptr ? nullptr : service->FindMethodByName(std::string(method));
  if (descriptor == nullptr) return v1::ROLE_ADMIN;
  const v1::Role role = descriptor->options().GetExtension(v1::role);
  return role == v1::ROLE_UNSPECIFIED ? v1::ROLE_ADMIN : role;
}

absl::Status RequestTooLarge(std::size_t bytes) {
  ApiError error;
  error.code = absl::StatusCode::kResourceExhausted;
  error.reason = "REQUEST_TOO_LARGE";
  error.message = absl::StrCat("the request has ", bytes, " bytes; at most ", kLargestRequest,
                               " are accepted: send it in smaller parts");
  error.metadata["bytes"] = absl::StrCat(bytes);
  error.metadata["limit"] = absl::StrCat(kLargestRequest);
  return MakeApiError(error);
}

absl::Status RoleRequired(v1::Role needed, absl::string_view what) {
  ApiError error;
  error.code = absl::StatusCode::kPermissionDenied;
  error.reason = "ROLE_REQUIRED";
  const std::string role = v1::Role_Name(needed).substr(std::string("ROLE_").size());
  error.message = absl::StrCat(what, " needs the role ", role);
  error.metadata["role"] = role;
  return MakeApiError(error);
}

}  // namespace

absl::Status RequireRole(const Call& call, v1::Role needed, absl::string_view what) {
  return call.role < needed ? RoleRequired(needed, what) : absl::OkStatus();
}

absl::Status CallGate::Admit(grpc::ServerContext& context, absl::string_view method,
                             const google::protobuf::Message& request, Call* call) {
  absl::StatusOr<Identity> identity = authenticator_.Identify(context);
  if (!identity.ok()) return identity.status();
  call->caller = std::move(identity->caller);
  call->role = identity->role;
  const v1::Role needed = RoleNeededFor(method);
  if (identity->role < needed) return RoleRequired(needed, method);
  if (stop_.stop_requested()) return ShuttingDown();
  if (request.ByteSizeLong() > kLargestRequest) return RequestTooLarge(request.ByteSizeLong());
  // Nobody would learn what a late call did.
  if (context.IsCancelled()) {
    return absl::FromChrono(context.deadline()) <= absl::Now()
               ? absl::DeadlineExceededError("the deadline passed before the call began")
               : absl::CancelledError("the client ended the call before it began");
  }
  return absl::OkStatus();
}

grpc::Status CallGate::Pass(grpc::ServerContext& context, absl::string_view method,
                            const google::protobuf::Message& request,
                            absl::FunctionRef<absl::Status(const Call&)> body) {
  const absl::Duration begun = clock_.Monotonic();
  Call call;
  call.request_id = NewTimeOrderedId(clock_.Now(), random_);
  const absl::Duration allowed = absl::FromChrono(context.deadline()) - absl::Now();
  call.limits = {begun + std::clamp(allowed, absl::ZeroDuration(), kLongestCall),
                 stop_.get_token()};
  absl::Status status = Admit(context, method, request, &call);
  if (status.ok()) {
    // Nothing of ours throws; a library that does must not take the process down.
    try {
      status = body(call);
    } catch (const std::exception& e) {
      status = absl::InternalError(absl::StrCat("unexpected exception: ", e.what()));
    }
  }
  const ApiError error = status.ok() ? ApiError() : ApiErrorOf(status);
  const bool defect = !status.ok() && error.reason == "INTERNAL";
  WriteLog(defect ? LogLevel::kError : LogLevel::kDebug, "call",
           {{"request_id", call.request_id},
            {"method", method},
            {"caller", call.caller.name},
            {"status", absl::StatusCodeToString(status.ok() ? status.code() : error.code)},
            {"reason", error.reason},
            {"error", error.message},
            {"duration", clock_.Monotonic() - begun}});
  return ToGrpcStatus(status, call.request_id);
}

}  // namespace logexport
