#include "service/auth0/mended_logs.h"

#include <cstddef>

#include "absl/strings/ascii.h"

#include "service/base/utf8.h"

namespace logexport {

void MarkMended(absl::string_view original, Page* page) {
  std::size_t o = 0;
  std::size_t m = 0;
  const auto is_ascii = [](char c) { return absl::ascii_isascii(static_cast<unsigned char>(c)); };
  const auto advance_to = [&](std::size_t target) {
    std::size_t ascii = 0;
    for (; m < target; ++m) ascii += is_ascii(page->body[m]) ? 1u : 0u;
    for (; ascii > 0; ++o) ascii -= is_ascii(original[o]) ? 1u : 0u;
    while (o < original.size() && !is_ascii(original[o])) ++o;
  };
  for (Log& log : page->logs) {
    const auto begin = static_cast<std::size_t>(log.raw.data() - page->body.data());
    advance_to(begin);
    const std::size_t original_begin = o;
    advance_to(begin + log.raw.size());
    log.mended = !IsValidUtf8(original.substr(original_begin, o - original_begin));
  }
}

}  // namespace logexport
