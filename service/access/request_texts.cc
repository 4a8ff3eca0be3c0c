#include "service/access/request_texts.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "logexport/v1/options.pb.h"
#include "service/control/api_error.h"

namespace logexport {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr std::size_t kLongestText = 4096;
constexpr std::size_t kLongestReason = 1024;
constexpr std::size_t kLongestSecret = 65536;
constexpr int kLongestList = 10'000;
// More are not worth naming.
constexpr std::size_t kMostViolations = 20;

using Violations = std::vector<ApiError::Violation>;

std::size_t LongestOf(const FieldDescriptor* field) {
  if (field->options().GetExtension(v1::sensitive)) return kLongestSecret;
  return field->name() == "reason" ? kLongestReason : kLongestText;
}

void CheckMessage(const Message& message, const std::string& prefix, Violations* violations);

void CheckField(const Message& message, const FieldDescriptor* field, const std::string& path,
                Violations* violations) {
  const Reflection* const reflection = message.GetReflection();
  const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
  if (count > kLongestList) {
    violations->push_back(
        {path, absl::StrCat("has ", count, " entries; at most ", kLongestList, " are accepted")});
    return;
  }
  for (int n = 0; n < count && violations->size() < kMostViolations; ++n) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      CheckMessage(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, n)
                                        : reflection->GetMessage(message, field),
                   path + ".", violations);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      std::string scratch;
      const std::string& text =
          field->is_repeated() ? reflection->GetRepeatedStringReference(message, field, n, &scratch)
                               : reflection->GetStringReference(message, field, &scratch);
      const std::size_t longest = LongestOf(field);
      if (text.size() <= longest) continue;
      violations->push_back(
          {path, absl::StrCat("has ", text.size(), " bytes; at most ", longest, " are accepted")});
    }
  }
}

void CheckMessage(const Message& message, const std::string& prefix, Violations* violations) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    CheckField(message, field, prefix + field->name(), violations);
  }
}

}  // namespace

absl::Status CheckTexts(const Message& request) {
  Violations violations;
  CheckMessage(request, "", &violations);
  return InvalidFields(std::move(violations));
}

}  // namespace logexport
