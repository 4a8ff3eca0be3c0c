#include "service/access/roles.h"

#include <string>

#include "absl/strings/str_cat.h"
#include <google/protobuf/descriptor.h>

#include "logexport/v1/service.pb.h"
#include "service/control/api_error.h"

namespace logexport {
namespace {

const google::protobuf::MethodDescriptor* FindMethod(absl::string_view method) {
  const google::protobuf::ServiceDescriptor* service =
      v1::RunNowRequest::descriptor()->file()->pool()->FindServiceByName(
          "logexport.v1.LogExportService");
  return service == nullptr ? nullptr : service->FindMethodByName(std::string(method));
}

}  // namespace

bool AnswersAStream(absl::string_view method) {
  const google::protobuf::MethodDescriptor* const descriptor = FindMethod(method);
  return descriptor != nullptr && descriptor->server_streaming();
}

bool IsAudited(absl::string_view method) {
  if (method == kLoginMethod || method == kLogoutMethod) return true;
  const google::protobuf::MethodDescriptor* const descriptor = FindMethod(method);
  if (descriptor == nullptr) return false;
  const google::protobuf::MethodOptions& options = descriptor->options();
  return options.idempotency_level() != google::protobuf::MethodOptions::NO_SIDE_EFFECTS ||
         options.GetExtension(v1::shows_logs);
}

std::string RoleName(v1::Role role) {
  if (role == v1::ROLE_UNSPECIFIED) return "";
  return v1::Role_Name(role).substr(std::string("ROLE_").size());
}

v1::Role RoleNeededFor(absl::string_view method) {
  if (method == kMetricsMethod || method == kLoginMethod || method == kLogoutMethod) {
    return v1::ROLE_VIEWER;
  }
  const google::protobuf::MethodDescriptor* const descriptor = FindMethod(method);
  if (descriptor == nullptr) return v1::ROLE_ADMIN;
  const v1::Role role = descriptor->options().GetExtension(v1::role);
  return role == v1::ROLE_UNSPECIFIED ? v1::ROLE_ADMIN : role;
}

absl::Status RequireRole(v1::Role role, v1::Role needed, absl::string_view what) {
  if (role >= needed) return absl::OkStatus();
  ApiError error;
  error.code = absl::StatusCode::kPermissionDenied;
  error.reason = "ROLE_REQUIRED";
  const std::string name = RoleName(needed);
  error.message = absl::StrCat(what, " needs the role ", name);
  error.metadata["role"] = name;
  return MakeApiError(error);
}

}  // namespace logexport
