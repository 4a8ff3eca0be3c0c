#include "service/access/wire_error.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"

#include "service/base/utf8.h"
#include "service/control/api_error.h"

namespace logexport {
namespace {

constexpr std::size_t kLongestMessage = 1024;
constexpr std::size_t kLongestDetail = 300;
constexpr std::size_t kMostDetailBytes = 4096;
constexpr std::size_t kMostTold = 20;

std::string Shortened(absl::string_view text, std::size_t longest) {
  if (text.size() <= longest) return std::string(text);
  return absl::StrCat(TruncateUtf8(text, longest - 3), "...");
}

ApiError Bounded(ApiError error, std::size_t violations) {
  error.message = Shortened(error.message, kLongestMessage);
  for (auto& [key, value] : error.metadata) value = Shortened(value, kLongestDetail);
  if (error.precondition.has_value()) {
    error.precondition->description = Shortened(error.precondition->description, kLongestDetail);
  }
  const std::size_t all = error.violations.size();
  if (all > violations) {
    error.violations.resize(violations);
    error.violations.push_back({"", absl::StrCat("and ", all - violations, " more violations")});
  }
  for (ApiError::Violation& violation : error.violations) {
    violation.field = Shortened(violation.field, kLongestDetail);
    violation.description = Shortened(violation.description, kLongestDetail);
  }
  return error;
}

google::rpc::Status ToWire(const ApiError& error, absl::string_view request_id) {
  google::rpc::Status wire;
  MakeApiError(error).ForEachPayload([&](absl::string_view, const absl::Cord& payload) {
    wire.ParseFromString(std::string(payload));
  });
  google::rpc::RequestInfo info;
  info.set_request_id(std::string(request_id));
  wire.add_details()->PackFrom(info);
  return wire;
}

}  // namespace

google::rpc::Status ToWireError(const absl::Status& status, absl::string_view request_id) {
  const ApiError error = ApiErrorOf(status);
  std::size_t violations = std::min(error.violations.size(), kMostTold);
  google::rpc::Status wire = ToWire(Bounded(error, violations), request_id);
  while (wire.ByteSizeLong() > kMostDetailBytes && violations > 0) {
    violations /= 2;
    wire = ToWire(Bounded(error, violations), request_id);
  }
  wire.set_code(static_cast<int>(error.code));
  return wire;
}

}  // namespace logexport
