#include "service/base/spelling.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "service/base/shown_text.h"
#include "service/base/utf8.h"

namespace logexport {
namespace {

constexpr std::size_t kLongestWord = 100;
constexpr std::size_t kShortestPart = 3;  // of a word that is taken for a part of another
constexpr std::size_t kLongestQuote = 80;
constexpr std::size_t kLongestText = 300;

std::string Plain(absl::string_view word) {
  std::string plain;
  for (const char c : word) {
    if (c != '_' && c != '-') plain.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
  }
  return plain;
}

// The least number of letters added, left out, replaced or swapped with their neighbour.
std::size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<std::vector<std::size_t>> distance(a.size() + 1,
                                                 std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      std::size_t& least = distance[i][j];
      if (i == 0 || j == 0) {
        least = i + j;
        continue;
      }
      least = distance[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      least = std::min({least, distance[i - 1][j] + 1, distance[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        least = std::min(least, distance[i - 2][j - 2] + 1);
      }
    }
  }
  return distance[a.size()][b.size()];
}

}  // namespace

std::string NearestWord(absl::string_view word, const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > kLongestWord) return "";
  const std::string plain = Plain(word);
  std::string nearest;
  std::size_t least = std::max<std::size_t>(1, plain.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::string plain_candidate = Plain(candidate);
    std::size_t distance = EditDistance(plain, plain_candidate);
    if (plain.size() >= kShortestPart) {
      if (absl::EndsWith(plain_candidate, absl::StrCat(".", plain))) distance = 0;
      if (absl::StartsWith(plain_candidate, plain)) distance = std::min<std::size_t>(distance, 1);
    }
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string Quoted(absl::string_view text) {
  const std::string valid = ReplaceInvalidUtf8(TruncateUtf8(text, kLongestQuote));
  return absl::StrCat("\"", EscapeHidden(absl::Utf8SafeCHexEscape(valid)), "\"",
                      text.size() > kLongestQuote ? "…" : "");
}

std::string Printable(absl::string_view text) {
  std::string printable;
  for (const char c : ReplaceInvalidUtf8(TruncateUtf8(text, kLongestText))) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      absl::StrAppend(&printable, "\\x", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    } else {
      printable.push_back(c);
    }
  }
  if (text.size() > kLongestText) printable += "…";
  return EscapeHidden(printable);
}

}  // namespace logexport
