#include "client/cli/api_words.h"

#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "client/cli/api_schema.h"

namespace logexport::cli {
namespace {

bool IsPartOfName(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
}

std::string WordFor(absl::string_view name, const google::protobuf::ServiceDescriptor& service,
                    const std::vector<Flag>& flags) {
  if (service.FindMethodByName(std::string(name)) != nullptr) return KebabCase(name);
  if (absl::StrContains(name, '_')) {
    if (const Flag* flag = FindFlag(flags, name)) return absl::StrCat("--", flag->name);
  }
  return std::string(name);
}

}  // namespace

std::string InCommandWords(absl::string_view text,
                           const google::protobuf::ServiceDescriptor& service,
                           const std::vector<Flag>& flags) {
  std::string words;
  std::size_t i = 0;
  while (i < text.size()) {
    std::size_t end = i;
    while (end < text.size() && IsPartOfName(text[end])) ++end;
    // A full stop ends the sentence rather than the name.
    std::size_t name_end = end;
    while (name_end > i && text[name_end - 1] == '.') --name_end;
    words += WordFor(text.substr(i, name_end - i), service, flags);
    absl::StrAppend(&words, text.substr(name_end, end - name_end));
    if (end < text.size()) words += text[end++];
    i = end;
  }
  return words;
}

}  // namespace logexport::cli
