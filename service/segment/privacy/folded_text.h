#ifndef LOGEXPORT_SERVICE_SEGMENT_PRIVACY_FOLDED_TEXT_H_
#define LOGEXPORT_SERVICE_SEGMENT_PRIVACY_FOLDED_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"

namespace logexport {

// A text in a form in which values are looked for in it, and where each byte of that form came
// from. A user id in the path of a request is percent-encoded, a name in a logged request body has
// the escapes of JSON, and people type their e-mail address in either case.
class FoldedText {
 public:
  // `text` has to outlive it.
  explicit FoldedText(absl::string_view text);

  // With one layer of percent-encoding and JSON escapes undone, if there is one.
  std::optional<FoldedText> Decoded() const;

  // With its ASCII letters in lower case.
  const std::string& text() const { return text_; }
  // The same bytes with the letters as they were.
  absl::string_view exact() const { return spans_.empty() ? original_ : exact_; }

  // The part of the original that text()[begin, end) stands for.
  std::size_t OriginalBegin(std::size_t begin) const {
    return spans_.empty() ? begin : spans_[begin].begin;
  }
  std::size_t OriginalEnd(std::size_t end) const {
    return spans_.empty() ? end : spans_[end - 1].end;
  }

 private:
  struct Span {
    std::uint32_t begin;
    std::uint32_t end;
  };

  absl::string_view original_;
  std::string exact_;  // empty as long as it is the original
  std::string text_;
  std::vector<Span> spans_;  // of each byte; empty as long as each stands for itself
};

// The text as it stands, then with one more layer undone in each, as far as there are any.
using FoldedLayers = absl::InlinedVector<FoldedText, 1>;
FoldedLayers FoldInLayers(absl::string_view text);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_PRIVACY_FOLDED_TEXT_H_
