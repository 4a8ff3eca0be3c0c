#ifndef LOGEXPORT_SERVICE_SEGMENT_FOLDED_TEXT_H_
#define LOGEXPORT_SERVICE_SEGMENT_FOLDED_TEXT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace logexport {

// A text in the form in which values are looked for in it, and where each byte of that form came
// from. A user id in the path of a request is percent-encoded, a name in a logged request body has
// the escapes of JSON, and people type their e-mail address in either case.
class FoldedText {
 public:
  enum class Decode {
    kNone,  // ASCII letters become lower case
    kAll,   // percent-encoding and JSON escapes are undone as well, several times over if need be
  };

  FoldedText(absl::string_view text, Decode decode);

  const std::string& text() const { return text_; }
  // The part of the original that text()[begin, end) stands for.
  std::size_t OriginalBegin(std::size_t begin) const {
    return spans_.empty() ? begin : spans_[begin].begin;
  }
  std::size_t OriginalEnd(std::size_t end) const {
    return spans_.empty() ? end : spans_[end - 1].end;
  }

  // Whether undoing encodings could make a difference.
  static bool MayBeEncoded(absl::string_view text);

 private:
  struct Span {
    std::uint32_t begin;
    std::uint32_t end;
  };

  bool DecodeOnce();

  std::string text_;
  std::vector<Span> spans_;  // of each byte; empty as long as each stands for itself
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_FOLDED_TEXT_H_
