#ifndef LOGEXPORT_SERVICE_SEGMENT_PRIVACY_TEXT_FILTER_H_
#define LOGEXPORT_SERVICE_SEGMENT_PRIVACY_TEXT_FILTER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace logexport {

// Tells from one scan of a text whether it can hold any of a set of values, or anything that has a
// form of its own: nearly no text of a log does. Never wrong where it says no.
//
// The values are looked for as in Wu and Manber's search for many patterns: only every so many
// bytes of the text, as many as fit into the shortest value, four bytes are looked up in a table of
// all that the values hold there.
class TextFilter {
 public:
  // `value` as it is looked for: decoded, in lower case, not empty.
  void Add(absl::string_view value);

  // Whether `text` may hold a value in either case, is encoded in any way (percent, backslash,
  // plus), or holds a mark of a user id, an e-mail address or a JSON Web Token.
  bool MayHold(absl::string_view text) const;

 private:
  void AddToTable(absl::string_view value);
  bool InTable(std::uint32_t four_bytes) const;

  static constexpr std::size_t kTableBits = 4096;

  std::vector<std::string> values_;
  std::size_t shortest_ = 0;
  std::size_t step_ = 0;  // 0: some value is too short for the table
  std::array<std::uint64_t, kTableBits / 64> table_{};
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_PRIVACY_TEXT_FILTER_H_
