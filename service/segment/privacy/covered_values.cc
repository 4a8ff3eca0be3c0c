#include "service/segment/privacy/covered_values.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

#include "service/segment/privacy/mask.h"
#include "service/segment/privacy/value_shapes.h"

namespace logexport {
namespace {

constexpr std::size_t kShortestFreeValue = 4;
constexpr std::size_t kFewValues = 16;

// In a query string a space may stand as a plus.
std::string PlusAsSpace(std::string text) {
  std::replace(text.begin(), text.end(), '+', ' ');
  return text;
}

std::string DecodedForm(absl::string_view text) {
  if (text.find_first_of("%\\+") == text.npos) return absl::AsciiStrToLower(text);
  return PlusAsSpace(FoldInLayers(text).back().text());
}

bool StandsAlone(absl::string_view text, std::size_t begin, std::size_t end) {
  return (begin == 0 || !IsWordByte(text[begin - 1])) &&
         (end == text.size() || !IsWordByte(text[end]));
}

}  // namespace

void CoveredValues::FindByShape(std::function<std::string(absl::string_view)> replace) {
  replace_ = std::move(replace);
}

void CoveredValues::Needles::Add(std::string text, std::size_t value) {
  first_bytes[static_cast<unsigned char>(text[0])] = true;
  all.push_back({.text = std::move(text), .value = value});
}

void CoveredValues::Add(absl::string_view text, Value value) {
  std::string decoded = DecodedForm(text);
  if (decoded.empty() || FindWhole(decoded).has_value()) return;
  if (values_.empty()) {
    values_.reserve(kFewValues / 2);
    decoded_.all.reserve(kFewValues / 2);
  }
  // Of what holds nothing encoded the decoded form is the plain one.
  if (std::string plain = absl::AsciiStrToLower(text); plain != decoded) {
    plain_.Add(std::move(plain), values_.size());
  }
  filter_.Add(decoded);
  decoded_.Add(std::move(decoded), values_.size());
  values_.push_back(std::move(value));
  if (values_.size() <= kFewValues) return;
  for (std::size_t i = by_decoded_text_.size(); i < values_.size(); ++i) {
    by_decoded_text_.emplace(decoded_.all[i].text, i);
  }
}

std::optional<std::size_t> CoveredValues::FindWhole(absl::string_view decoded) const {
  if (values_.size() > kFewValues) {
    const auto found = by_decoded_text_.find(decoded);
    return found == by_decoded_text_.end() ? std::nullopt : std::optional(found->second);
  }
  for (const Needle& needle : decoded_.all) {
    if (needle.text == decoded) return needle.value;
  }
  return std::nullopt;
}

CoveredValues::Finding CoveredValues::Find(absl::string_view text) const {
  if (empty() || text.empty() || !filter_.MayHold(text)) return {};
  return FindInLayers(text);
}

CoveredValues::Finding CoveredValues::FindInLayers(absl::string_view text) const {
  const FoldedLayers layers = FoldInLayers(text);
  if (const auto found = FindWhole(PlusAsSpace(layers.back().text())); found.has_value()) {
    return {.whole = &values_[*found], .replaced = std::nullopt};
  }
  if (replace_) {
    for (const FoldedText& layer : layers) {
      if (IsUserId(layer.text())) return {.whole = nullptr, .replaced = replace_(layer.exact())};
    }
  }
  std::vector<Match> matches;
  // In each layer, since what looks encoded may be no encoding: the line break in CORP\nadia.
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) MatchValues(*layer, &matches);
  if (replace_) {
    for (const FoldedText& layer : layers) MatchUserIds(layer, &matches);
    MatchEmailAddresses(layers.back(), &matches);
    for (const TextRange token : FindTokens(text)) {
      matches.push_back(
          {.begin = token.begin, .end = token.end, .replacement = std::string(kMask)});
    }
  }
  if (matches.empty()) return {};
  return {.whole = nullptr, .replaced = Apply(std::move(matches), text)};
}

void CoveredValues::MatchValues(const FoldedText& folded, std::vector<Match>* matches) const {
  if (values_.empty()) return;
  const std::string& text = folded.text();
  if (absl::StrContains(text, '+')) {
    MatchNeedles(folded, PlusAsSpace(text), decoded_, matches);
  } else {
    MatchNeedles(folded, text, decoded_, matches);
  }
  if (!plain_.all.empty()) MatchNeedles(folded, text, plain_, matches);
}

void CoveredValues::MatchNeedles(const FoldedText& folded, absl::string_view hay,
                                 const Needles& needles, std::vector<Match>* matches) const {
  for (std::size_t i = 0; i < hay.size(); ++i) {
    if (!needles.first_bytes[static_cast<unsigned char>(hay[i])]) continue;
    for (const Needle& needle : needles.all) {
      if (hay.substr(i, needle.text.size()) != needle.text) continue;
      const std::size_t end = i + needle.text.size();
      if (needle.text.size() < kShortestFreeValue && !StandsAlone(hay, i, end)) continue;
      matches->push_back({.begin = folded.OriginalBegin(i),
                          .end = folded.OriginalEnd(end),
                          .replacement = values_[needle.value].replacement});
    }
  }
}

void CoveredValues::MatchUserIds(const FoldedText& folded, std::vector<Match>* matches) const {
  for (const auto [begin, end] : FindUserIds(folded.text())) {
    // What stands in a path is the id with one layer around it.
    const FoldedLayers id = FoldInLayers(folded.exact().substr(begin, end - begin));
    const bool encoded = !absl::StrContains(id.front().exact(), '|');
    matches->push_back({.begin = folded.OriginalBegin(begin),
                        .end = folded.OriginalEnd(end),
                        .replacement = replace_(id[encoded ? 1 : 0].exact())});
  }
}

void CoveredValues::MatchEmailAddresses(const FoldedText& folded,
                                        std::vector<Match>* matches) const {
  for (const auto [begin, end] : FindEmailAddresses(folded.text())) {
    matches->push_back({.begin = folded.OriginalBegin(begin),
                        .end = folded.OriginalEnd(end),
                        .replacement = replace_(folded.exact().substr(begin, end - begin))});
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
