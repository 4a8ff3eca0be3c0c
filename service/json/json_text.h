#ifndef LOGEXPORT_SERVICE_JSON_JSON_TEXT_H_
#define LOGEXPORT_SERVICE_JSON_JSON_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace logexport {

// Values travel from a log into its events as the text they came in, so that nothing is lost in
// between (numbers beyond double, escapes, order of keys). This file works on such text.

// Values nested deeper than this are not looked into: RudderStack's gateway takes 200 levels, and
// nothing that Auth0 documents has more than a dozen.
inline constexpr int kMaxJsonDepth = 100;

enum class JsonKind : std::uint8_t { kNull, kBool, kNumber, kString, kObject, kArray };

// One JSON value as text, without white space around it. Default-constructed: absent.
struct JsonSlice {
  absl::string_view text;
  JsonKind kind = JsonKind::kNull;
  // Nested so deep (JsonReader) that what is inside was not checked.
  bool deep = false;

  bool is_string() const { return kind == JsonKind::kString; }
  bool is_null() const { return kind == JsonKind::kNull; }  // also when absent
  // Of a string: what stands between the quotes, still escaped.
  absl::string_view content() const { return text.substr(1, text.size() - 2); }
};

enum class JsonSoundness {
  kSound,
  kLoneSurrogate,  // holds \ud800 … \udfff outside a pair, which strict parsers refuse
  kBroken,
};

// Checks a scalar of which only its extent is known. Strings are known to end with their quote and
// to hold valid UTF-8 without control characters.
JsonSoundness CheckScalar(absl::string_view token);
// The same for what stands between the quotes of a string.
JsonSoundness CheckStringContent(absl::string_view escaped);

// Lengths of what `text` begins with: the longest number, or 0 if that is none; the escape
// sequence, or pair of them that stands for one code point, or 0 if it is none or a lone surrogate.
// The latter begins with a backslash.
std::size_t NumberLength(absl::string_view text);
std::size_t SoundEscapeLength(absl::string_view text);

// Appends `json` with each lone surrogate escape replaced by that of U+FFFD.
void AppendMended(absl::string_view json, std::string* out);

// Appends `json` as the content of a JSON string: what JSON.stringify twice would give. White space
// between tokens is removed if there are line breaks.
void AppendAsJsonText(absl::string_view json, std::string* out);

// What the content of a sound JSON string stands for; lone surrogates become U+FFFD.
std::string Unescape(absl::string_view escaped);

// The longest prefix of the content of a JSON string of at most `max_bytes` that cuts neither an
// escape nor a surrogate pair nor a code point.
absl::string_view CutEscaped(absl::string_view escaped, std::size_t max_bytes);

// Appends any value as a JSON string with its quotes: strings as they are, nothing for null, other
// values as their JSON text.
void AppendAsString(const JsonSlice& value, std::string* out);

// Appends a value as it is, but for one nested too deep: that becomes a string of its JSON text.
void AppendValue(const JsonSlice& value, std::string* out);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_JSON_JSON_TEXT_H_
