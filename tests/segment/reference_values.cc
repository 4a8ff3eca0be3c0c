#include "tests/segment/reference_values.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

#include "service/segment/privacy/covered_values.h"
#include "service/segment/privacy/mask.h"
#include "service/segment/privacy/value_shapes.h"

namespace logexport {
namespace {

constexpr std::size_t kShortestFreeValue = 4;

// In a query string a space may stand as a plus.
std::string PlusAsSpace(std::string text) {
  std::replace(text.begin(), text.end(), '+', ' ');
  return text;
}

std::string DecodedForm(absl::string_view text) {
  return PlusAsSpace(FoldInLayers(text).back().text());
}

bool StandsAlone(absl::string_view text, std::size_t begin, std::size_t end) {
  return (begin == 0 || !IsWordByte(text[begin - 1])) &&
         (end == text.size() || !IsWordByte(text[end]));
}

}  // namespace

void ReferenceValues::FindByShape(std::function<std::string(absl::string_view)> replace) {
  replace_ = std::move(replace);
}

void ReferenceValues::Add(absl::string_view text, Value value) {
  std::string decoded = DecodedForm(text);
  if (decoded.empty() || !by_decoded_text_.try_emplace(decoded, values_.size()).second) return;
  const auto add = [this](std::string needle, Needles* needles) {
    (*needles)[static_cast<unsigned char>(needle[0])].push_back(
        {.text = needle, .value = values_.size()});
  };
  if (std::string plain = absl::AsciiStrToLower(text); plain != decoded) {
    add(std::move(plain), &plain_);
    any_plain_ = true;
  }
  add(std::move(decoded), &decoded_);
  values_.push_back(std::move(value));
}

ReferenceValues::Finding ReferenceValues::Find(absl::string_view text) const {
  if (empty() || text.empty()) return {};
  const FoldedLayers layers = FoldInLayers(text);
  if (const auto found = by_decoded_text_.find(PlusAsSpace(layers.back().text()));
      found != by_decoded_text_.end()) {
    return {.whole = &values_[found->second], .replaced = std::nullopt};
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

void ReferenceValues::MatchValues(const FoldedText& folded, std::vector<Match>* matches) const {
  if (values_.empty()) return;
  const std::string& text = folded.text();
  if (absl::StrContains(text, '+')) {
    MatchNeedles(folded, PlusAsSpace(text), decoded_, matches);
  } else {
    MatchNeedles(folded, text, decoded_, matches);
  }
  if (any_plain_) MatchNeedles(folded, text, plain_, matches);
}

void ReferenceValues::MatchNeedles(const FoldedText& folded, absl::string_view hay,
                                   const Needles& needles, std::vector<Match>* matches) const {
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

void ReferenceValues::MatchUserIds(const FoldedText& folded, std::vector<Match>* matches) const {
  for (const auto [begin, end] : FindUserIds(folded.text())) {
    // What stands in a path is the id with one layer around it.
    const FoldedLayers id = FoldInLayers(folded.exact().substr(begin, end - begin));
    const bool encoded = !absl::StrContains(id.front().exact(), '|');
    matches->push_back({.begin = folded.OriginalBegin(begin),
                        .end = folded.OriginalEnd(end),
                        .replacement = replace_(id[encoded ? 1 : 0].exact())});
  }
}

void ReferenceValues::MatchEmailAddresses(const FoldedText& folded,
                                          std::vector<Match>* matches) const {
  for (const auto [begin, end] : FindEmailAddresses(folded.text())) {
    matches->push_back({.begin = folded.OriginalBegin(begin),
                        .end = folded.OriginalEnd(end),
                        .replacement = replace_(folded.exact().substr(begin, end - begin))});
  }
}

std::string ReferenceValues::Apply(std::vector<Match> matches, absl::string_view text) {
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
