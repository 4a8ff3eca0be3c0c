#include "service/segment/covered_values.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

#include "service/segment/privacy.h"

namespace logexport {
namespace {

constexpr std::size_t kShortestFreeValue = 4;

// In a query string a space may stand as a plus.
std::string PlusAsSpace(std::string text) {
  std::replace(text.begin(), text.end(), '+', ' ');
  return text;
}

std::string DecodedForm(absl::string_view text) {
  return PlusAsSpace(FoldedText(text, FoldedText::Decode::kAll).text());
}

std::string PlainForm(absl::string_view text) {
  return FoldedText(text, FoldedText::Decode::kNone).text();
}

bool IsWordByte(char c) {
  return static_cast<unsigned char>(c) >= 0x80 ||
         absl::ascii_isalnum(static_cast<unsigned char>(c));
}

bool StandsAlone(absl::string_view text, std::size_t begin, std::size_t end) {
  return (begin == 0 || !IsWordByte(text[begin - 1])) &&
         (end == text.size() || !IsWordByte(text[end]));
}

bool IsLocalPartByte(char c) {
  // RFC 5322 allows more, which in running text and URLs is far more often not part of the address.
  return IsWordByte(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-';
}
bool IsDomainByte(char c) { return IsWordByte(c) || c == '-' || c == '.'; }
bool IsTokenByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
}

std::size_t SkipTokenPart(absl::string_view text, std::size_t i) {
  while (i < text.size() && IsTokenByte(text[i])) ++i;
  return i;
}

}  // namespace

void CoveredValues::FindAddressesAndTokens(std::function<std::string(absl::string_view)> replace) {
  replace_address_ = std::move(replace);
}

void CoveredValues::Add(absl::string_view text, Value value) {
  std::string decoded = DecodedForm(text);
  if (decoded.empty() || !by_decoded_text_.try_emplace(decoded, values_.size()).second) return;
  const auto add = [this](std::string needle, Needles* needles) {
    (*needles)[static_cast<unsigned char>(needle[0])].push_back(
        {.text = needle, .value = values_.size()});
  };
  add(PlainForm(text), &plain_);
  add(std::move(decoded), &decoded_);
  values_.push_back(std::move(value));
}

CoveredValues::Finding CoveredValues::Find(absl::string_view text) const {
  if (empty() || text.empty()) return {};
  const FoldedText decoded(text, FoldedText::Decode::kAll);
  const std::string spaced = PlusAsSpace(decoded.text());
  if (const auto found = by_decoded_text_.find(spaced); found != by_decoded_text_.end()) {
    return {.whole = &values_[found->second], .replaced = std::nullopt};
  }
  std::vector<Match> matches;
  FindValues(decoded, spaced, decoded_, &matches);
  if (text.find_first_of("%\\+") != absl::string_view::npos) {
    // What looks encoded may be no encoding.
    const FoldedText plain(text, FoldedText::Decode::kNone);
    FindValues(plain, plain.text(), plain_, &matches);
  }
  if (replace_address_) {
    FindAddresses(decoded, &matches);
    FindTokens(text, &matches);
  }
  if (matches.empty()) return {};
  return {.whole = nullptr, .replaced = Apply(std::move(matches), text)};
}

void CoveredValues::FindValues(const FoldedText& folded, absl::string_view hay,
                               const Needles& needles, std::vector<Match>* matches) const {
  if (values_.empty()) return;
  for (std::size_t i = 0; i < hay.size(); ++i) {
    for (const Needle& needle : needles[static_cast<unsigned char>(hay[i])]) {
      if (hay.substr(i, needle.text.size()) != needle.text) continue;
      const std::size_t end = i + needle.text.size();
      if (needle.text.size() < kShortestFreeValue && !StandsAlone(hay, i, end)) continue;
      matches->push_back({.begin = folded.OriginalBegin(i),
                          .end = folded.OriginalEnd(end),
                          .replacement = values_[needle.value].replacement});
    }
  }
}

void CoveredValues::FindAddresses(const FoldedText& folded, std::vector<Match>* matches) const {
  const std::string& hay = folded.text();
  for (std::size_t at = hay.find('@'); at != std::string::npos; at = hay.find('@', at + 1)) {
    std::size_t begin = at;
    while (begin > 0 && IsLocalPartByte(hay[begin - 1])) --begin;
    std::size_t end = at + 1;
    while (end < hay.size() && IsDomainByte(hay[end])) ++end;
    while (end > at + 1 && !IsWordByte(hay[end - 1])) --end;
    const absl::string_view domain = absl::string_view(hay).substr(at + 1, end - at - 1);
    if (begin == at || !absl::StrContains(domain, '.')) continue;
    matches->push_back(
        {.begin = folded.OriginalBegin(begin),
         .end = folded.OriginalEnd(end),
         .replacement = replace_address_(absl::string_view(hay).substr(begin, end - begin))});
  }
}

void CoveredValues::FindTokens(absl::string_view text, std::vector<Match>* matches) {
  // Three parts of base64url, of which the first is a JSON object: it begins with {" encoded.
  for (std::size_t i = text.find("eyJ"); i != absl::string_view::npos;
       i = text.find("eyJ", i + 1)) {
    const std::size_t header = SkipTokenPart(text, i);
    if (header == text.size() || text[header] != '.') continue;
    const std::size_t payload = SkipTokenPart(text, header + 1);
    if (payload == header + 1) continue;
    const std::size_t end =
        payload < text.size() && text[payload] == '.' ? SkipTokenPart(text, payload + 1) : payload;
    matches->push_back({.begin = i, .end = end, .replacement = std::string(kMask)});
    i = end - 1;
  }
}

std::string CoveredValues::Apply(std::vector<Match> matches, absl::string_view text) {
  std::stable_sort(matches.begin(), matches.end(), [](const Match& a, const Match& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  std::string replaced;
  std::size_t copied = 0;
  for (const Match& match : matches) {
    if (match.begin >= copied) {
      replaced.append(text.data() + copied, match.begin - copied);
      replaced += match.replacement;
    }
    copied = std::max(copied, match.end);
  }
  replaced.append(text.data() + copied, text.size() - copied);
  return replaced;
}

}  // namespace logexport
