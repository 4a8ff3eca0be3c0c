#include "service/http/secret_redactor.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace logexport {
namespace {

constexpr std::size_t kHeadBytes = 16;
constexpr std::size_t kLargeText = 32 * 1024;
constexpr int kMostLayers = 3;

int HexDigit(char c) {
  if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return -1;
  return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

// The number that `digits` hexadecimal digits at `text` stand for, or -1.
int HexNumber(absl::string_view text, std::size_t digits) {
  if (text.size() < digits) return -1;
  int value = 0;
  for (const char c : text.substr(0, digits)) {
    const int digit = HexDigit(c);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

// One escaped character at the beginning of `text`.
struct Escaped {
  char character;
  std::size_t length;
};

// Secrets hold ASCII, so that escapes of other characters need not be undone.
std::optional<Escaped> EscapedAt(absl::string_view text) {
  if (text[0] == '%') {
    const int byte = HexNumber(text.substr(1), 2);
    if (byte < 0) return std::nullopt;
    return Escaped{static_cast<char>(byte), 3};
  }
  if (text[0] != '\\' || text.size() < 2) return std::nullopt;
  if (text[1] == 'u') {
    const int unit = HexNumber(text.substr(2), 4);
    if (unit < 0 || unit > 0x7F) return std::nullopt;
    return Escaped{static_cast<char>(unit), 6};
  }
  if (text[1] == '"' || text[1] == '\\' || text[1] == '/') return Escaped{text[1], 2};
  return std::nullopt;
}

// A text with one layer of escapes undone, and where in the original each of its bytes begins; one
// more for the end.
struct Decoded {
  std::string text;
  std::vector<std::size_t> origins;
  bool changed = false;
};

Decoded UndoEscapes(absl::string_view text, const std::vector<std::size_t>& origins) {
  Decoded decoded;
  decoded.text.reserve(text.size());
  decoded.origins.reserve(text.size() + 1);
  for (std::size_t i = 0; i < text.size();) {
    decoded.origins.push_back(origins.empty() ? i : origins[i]);
    const std::optional<Escaped> escaped = EscapedAt(text.substr(i));
    decoded.text.push_back(escaped.has_value() ? escaped->character : text[i]);
    decoded.changed |= escaped.has_value();
    i += escaped.has_value() ? escaped->length : 1;
  }
  decoded.origins.push_back(origins.empty() ? text.size() : origins.back());
  return decoded;
}

template <typename Integer>
Integer ReadAs(const char* text) {
  Integer value = 0;
  std::memcpy(&value, text, sizeof(value));
  return value;
}

std::size_t CommonPrefix(absl::string_view a, absl::string_view b) {
  const std::size_t size = std::min(a.size(), b.size());
  std::size_t i = 0;
  while (i < size && a[i] == b[i]) ++i;
  return i;
}

}  // namespace

SecretRedactor::SecretRedactor(std::vector<std::string> secrets) : secrets_(std::move(secrets)) {
  for (std::size_t i = 0; i < secrets_.size(); ++i) {
    if (secrets_[i].size() < kShortestRedacted) continue;
    AddNeedle(i, Form::kPlain, 0);
    for (const Form form : {Form::kBase64, Form::kBase64Url}) {
      for (const int alignment : {0, 1, 2}) AddNeedle(i, form, alignment);
    }
  }
  CollectBlocks();
}

void SecretRedactor::CollectBlocks() {
  std::size_t shortest = kHeadBytes;
  for (const Needle& needle : needles_) shortest = std::min(shortest, needle.head.size());
  // Eight bytes are seldom those of a needle by chance; of a short needle they leave short steps.
  block_bytes_ = shortest < 12 ? 4 : 8;
  step_ = shortest - block_bytes_ + 1;
  for (std::size_t n = 0; n < needles_.size(); ++n) {
    for (std::size_t before = 0; before < step_; ++before) {
      const std::uint64_t bytes = BlockAt(needles_[n].head.data() + before);
      blocks_.push_back({bytes, n, before});
      block_marks_[MarkOf(bytes)] = 1;
    }
  }
  std::sort(blocks_.begin(), blocks_.end(),
            [](const NeedleBlock& a, const NeedleBlock& b) { return a.bytes < b.bytes; });
}

// What is certain to be the same whatever stands before and behind the secret.
std::string SecretRedactor::Written(absl::string_view secret, Form form, int alignment) {
  if (form == Form::kPlain) return std::string(secret);
  const auto before = static_cast<std::size_t>(alignment);
  const std::string bytes = absl::StrCat(std::string(before, '\0'), secret);
  std::string encoded =
      form == Form::kBase64 ? absl::Base64Escape(bytes) : absl::WebSafeBase64Escape(bytes);
  // Each character stands for six bits.
  const std::size_t first = (before * 8 + 5) / 6;
  const std::size_t end = bytes.size() * 8 / 6;
  return encoded.substr(first, end - first);
}

void SecretRedactor::AddNeedle(std::size_t secret, Form form, int alignment) {
  std::string head = Written(secrets_[secret], form, alignment).substr(0, kHeadBytes);
  needles_.push_back({std::move(head), secret, form, alignment});
}

std::uint64_t SecretRedactor::BlockAt(const char* text) const {
  return block_bytes_ == 8 ? ReadAs<std::uint64_t>(text) : ReadAs<std::uint32_t>(text);
}

std::size_t SecretRedactor::MarkOf(std::uint64_t block) {
  return static_cast<std::size_t>((block * 0x9E3779B97F4A7C15u) >> 51);
}

void SecretRedactor::Search(absl::string_view text, std::vector<Range>* found) const {
  if (block_bytes_ == 8) {
    SearchBlocks<std::uint64_t>(text, found);
  } else {
    SearchBlocks<std::uint32_t>(text, found);
  }
}

template <typename Block>
void SecretRedactor::SearchBlocks(absl::string_view text, std::vector<Range>* found) const {
  const auto mark = [this, text](std::size_t at) {
    return block_marks_[MarkOf(ReadAs<Block>(text.data() + at))];
  };
  std::size_t i = 0;
  // Four at a time, since nearly always there is nothing.
  const std::size_t step = step_;
  const std::size_t four = 4 * step;
  for (; i + four + sizeof(Block) <= text.size(); i += four) {
    if ((mark(i) | mark(i + step) | mark(i + 2 * step) | mark(i + 3 * step)) == 0) continue;
    for (std::size_t at = i; at < i + four; at += step) {
      if (mark(at) != 0) MatchAround(text, at, found);
    }
  }
  for (; i + sizeof(Block) <= text.size(); i += step) {
    if (mark(i) != 0) MatchAround(text, i, found);
  }
}

// Looks for needles that have the block at `at` in them.
void SecretRedactor::MatchAround(absl::string_view text, std::size_t at,
                                 std::vector<Range>* found) const {
  const std::uint64_t bytes = BlockAt(text.data() + at);
  auto block =
      std::lower_bound(blocks_.begin(), blocks_.end(), bytes,
                       [](const NeedleBlock& b, std::uint64_t value) { return b.bytes < value; });
  for (; block != blocks_.end() && block->bytes == bytes; ++block) {
    if (block->before > at) continue;
    const Needle& needle = needles_[block->needle];
    const std::size_t begin = at - block->before;
    if (text.substr(begin, needle.head.size()) != needle.head) continue;
    const std::string whole = Written(secrets_[needle.secret], needle.form, needle.alignment);
    found->push_back({begin, begin + CommonPrefix(text.substr(begin), whole)});
  }
}

bool SecretRedactor::Redact(std::string* text) const {
  if (needles_.empty()) return false;
  std::vector<Range> found;
  Search(*text, &found);
  if (text->size() <= kLargeText && text->find_first_of("%\\") != std::string::npos) {
    Decoded decoded{.text = *text, .origins = {}, .changed = true};
    for (int layer = 0; layer < kMostLayers && decoded.changed; ++layer) {
      decoded = UndoEscapes(decoded.text, decoded.origins);
      if (!decoded.changed) break;
      std::vector<Range> in_layer;
      Search(decoded.text, &in_layer);
      for (const Range& range : in_layer) {
        found.push_back({decoded.origins[range.begin], decoded.origins[range.end]});
      }
    }
  }
  if (found.empty()) return false;
  std::sort(found.begin(), found.end(),
            [](const Range& a, const Range& b) { return a.begin < b.begin; });
  std::string redacted;
  redacted.reserve(text->size());
  std::size_t copied = 0;
  for (const Range& range : found) {
    if (range.begin >= copied) {
      redacted.append(*text, copied, range.begin - copied);
      absl::StrAppend(&redacted, kRedacted);
    }
    copied = std::max(copied, range.end);
  }
  redacted.append(*text, copied);
  *text = std::move(redacted);
  return true;
}

}  // namespace logexport
