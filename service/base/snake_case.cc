#include "service/base/snake_case.h"

#include "absl/strings/ascii.h"

#include "service/base/utf8.h"

namespace logexport {
namespace {

constexpr std::size_t kMaxNameBytes = 200;

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// Whether a word begins at `i`: "isMobile" at M, "HTTPServer" at S.
bool BeginsWord(absl::string_view key, std::size_t i) {
  if (i == 0 || !IsUpper(key[i])) return false;
  if (IsLowerOrDigit(key[i - 1])) return true;
  const bool lower_follows = i + 1 < key.size() && key[i + 1] >= 'a' && key[i + 1] <= 'z';
  return IsUpper(key[i - 1]) && lower_follows;
}

}  // namespace

bool IsSnakeCase(absl::string_view key) {
  if (key.empty() || key.size() > kMaxNameBytes) return false;
  char previous = '_';
  for (const char c : key) {
    if (!IsLowerOrDigit(c) && (c != '_' || previous == '_')) return false;
    previous = c;
  }
  return previous != '_';
}

std::string SnakeCase(absl::string_view key) {
  std::string name;
  const auto underscore = [&name] {
    if (!name.empty() && name.back() != '_') name.push_back('_');
  };
  for (std::size_t i = 0; i < key.size(); ++i) {
    const char c = key[i];
    if (BeginsWord(key, i)) underscore();
    if (!IsAscii(c) || absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      name.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
    } else {
      underscore();
    }
  }
  name = std::string(TruncateUtf8(name, kMaxNameBytes));
  while (!name.empty() && name.back() == '_') name.pop_back();
  return name.empty() ? "unnamed" : name;
}

}  // namespace logexport
