#ifndef LOGEXPORT_SERVICE_JSON_PLAIN_JSON_H_
#define LOGEXPORT_SERVICE_JSON_PLAIN_JSON_H_

#include <cstddef>

#include "absl/strings/string_view.h"

#include "service/json/json_text.h"

namespace logexport {

// Walks once over JSON that leaves nothing to decide: RFC 8259 to the letter, no key escaped that
// is handed out, no surrogate without its other half, not nested deep. For texts as small as a log
// that takes a third of the instructions of simdjson, which makes an index of the whole text before
// it looks at any of it.
//
// Everything here answers false for other text. That does not mean it is wrong: whoever walks has
// it read by simdjson then (JsonReader, PageDecoder), which alone decides what is refused and what
// becomes of oddities.
//
// The text must be followed by 64 readable bytes. Whether it is UTF-8 is for the caller to check.
// What is taken is within the text only if AtEnd answers true at last.
class PlainJson {
 public:
  explicit PlainJson(absl::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  // Passes over white space, and over `token` if that follows.
  bool Take(char token) {
    if (*at_ != token) {
      at_ = PassSpace(at_);
      if (*at_ != token) return false;
    }
    ++at_;
    return true;
  }

  void PassSpace() { at_ = PassSpace(at_); }

  // Whether nothing but white space is left.
  bool AtEnd() {
    PassSpace();
    return at_ == end_;
  }

  // Passes over an object, having checked all of it. Calls `use(key, slice)` for each member, which
  // may answer false to give up.
  template <typename Use>
  bool TakeObject(Use use) {
    if (!Take('{')) return false;
    if (Take('}')) return true;
    do {
      absl::string_view key;
      JsonSlice value;
      if (!TakeMember(&key, &value) || !use(key, value)) return false;
    } while (Take(','));
    return Take('}');
  }

  // The same for an array; calls `use(slice)` for each element.
  template <typename Use>
  bool TakeArray(Use use) {
    if (!Take('[')) return false;
    if (Take(']')) return true;
    do {
      JsonSlice value;
      if (!TakeValue(&value) || !use(value)) return false;
    } while (Take(','));
    return Take(']');
  }

  // Where it stands: right behind what was taken last.
  const char* position() const { return at_; }

 private:
  bool TakeMember(absl::string_view* key, JsonSlice* value);
  bool TakeValue(JsonSlice* value);

  // These go from `at` to behind what stands there, or answer null. A place a few bytes behind the
  // end is as good as any: each member and element must begin before the end, and no text is AtEnd
  // in which something reaches over it.
  const char* PassSpace(const char* at) const;
  const char* PassToken(const char* at, char token) const;
  const char* PassValue(const char* at, int depth) const;
  const char* PassOtherValue(const char* at, int depth) const;
  const char* PassObject(const char* at, int depth) const;
  const char* PassArray(const char* at, int depth) const;
  const char* PassString(const char* at) const;
  const char* PassEscapedString(const char* at) const;
  const char* PassNumber(const char* at) const;
  // To the next quote, backslash or control character.
  const char* FindSpecial(const char* at) const;

  absl::string_view RestFrom(const char* at) const {
    return {at, static_cast<std::size_t>(end_ - at)};
  }

  const char* at_;
  const char* const end_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_JSON_PLAIN_JSON_H_
