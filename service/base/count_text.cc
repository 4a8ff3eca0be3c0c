#include "service/base/count_text.h"

#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace logexport {

std::string GroupDigits(absl::string_view digits) {
  std::string text(digits);
  const std::size_t first = absl::StartsWith(digits, "-") ? 1 : 0;
  for (std::size_t i = text.size(); i > first + 3;) {
    i -= 3;
    text.insert(i, ",");
  }
  return text;
}

std::string CountText(std::int64_t count) { return GroupDigits(absl::StrCat(count)); }

std::string Counted(std::int64_t count, absl::string_view thing) {
  return absl::StrCat(CountText(count), " ", thing, count == 1 ? "" : "s");
}

}  // namespace logexport
