#ifndef LOGEXPORT_SERVICE_SEGMENT_PRIVACY_VALUE_SHAPES_H_
#define LOGEXPORT_SERVICE_SEGMENT_PRIVACY_VALUE_SHAPES_H_

#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"

namespace logexport {

// Personal values and credentials that are told by what they look like, wherever they stand.

struct TextRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Whether a byte belongs to a word: a letter, a digit, or part of a character beyond ASCII.
bool IsWordByte(char c);

// E-mail addresses.
std::vector<TextRange> FindEmailAddresses(absl::string_view text);

// JSON Web Tokens.
std::vector<TextRange> FindTokens(absl::string_view text);

// User ids, "auth0|6740f1c2", with the bar as it is or percent-encoded: of any connection where a
// path of the Management API has a user, elsewhere those of Auth0's own kinds of connections.
// `text` is in lower case.
std::vector<TextRange> FindUserIds(absl::string_view text);

// Whether the whole text, in lower case, has the form of a user id.
bool IsUserId(absl::string_view text);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_PRIVACY_VALUE_SHAPES_H_
