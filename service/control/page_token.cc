#include "service/control/page_token.h"

#include <algorithm>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "service/base/hash.h"
#include "service/control/api_error.h"

namespace logexport {
namespace {

constexpr int kDefaultSize = 50;
constexpr int kLargestSize = 500;
constexpr std::size_t kLongestToken = 1024;
// Keeps these hashes apart from hashes made for anything else.
constexpr absl::string_view kPurpose = "logexport page token 1";
constexpr std::size_t kCheckDigits = 16;

std::string CheckOf(const google::protobuf::Message& request, absl::string_view key) {
  const std::unique_ptr<google::protobuf::Message> filter(request.New());
  filter->CopyFrom(request);
  const google::protobuf::Descriptor* type = request.GetDescriptor();
  for (const char* field : {"page_size", "page_token"}) {
    filter->GetReflection()->ClearField(filter.get(), type->FindFieldByName(field));
  }
  const std::string name(type->full_name());
  return Sha256Hex(absl::StrCat(kPurpose, "\n", name, "\n", key, "\n", filter->SerializeAsString()))
      .substr(0, kCheckDigits);
}

}  // namespace

absl::Status BadPageToken() {
  ApiError error;
  error.code = absl::StatusCode::kInvalidArgument;
  error.reason = "INVALID_PAGE_TOKEN";
  error.message =
      "page_token is not one of this list with these filters; send the next_page_token of the page "
      "before with the same other fields, or none to start again";
  error.violations.push_back({"page_token", "is not a token of this list with these filters"});
  return MakeApiError(error);
}

std::string MakePageToken(const google::protobuf::Message& request, absl::string_view key) {
  return absl::WebSafeBase64Escape(absl::StrCat(CheckOf(request, key), key));
}

absl::StatusOr<std::string> ReadPageToken(const google::protobuf::Message& request) {
  const google::protobuf::FieldDescriptor* field =
      request.GetDescriptor()->FindFieldByName("page_token");
  const std::string token = request.GetReflection()->GetString(request, field);
  if (token.empty()) return std::string();
  std::string content;
  if (token.size() > kLongestToken || !absl::WebSafeBase64Unescape(token, &content) ||
      content.size() <= kCheckDigits) {
    return BadPageToken();
  }
  std::string key = content.substr(kCheckDigits);
  if (content.substr(0, kCheckDigits) != CheckOf(request, key)) return BadPageToken();
  return key;
}

absl::StatusOr<int> PageSize(int asked) {
  if (asked < 0) return InvalidFields({{"page_size", "must not be negative; 0 means 50"}});
  return asked == 0 ? kDefaultSize : std::min(asked, kLargestSize);
}

}  // namespace logexport
