#ifndef LOGEXPORT_TESTS_ATTACK_SECRET_TRACES_H_
#define LOGEXPORT_TESTS_ATTACK_SECRET_TRACES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace logexport {

// Forms in which a server may repeat a secret: as it is, percent- and JSON-escaped, and in base64
// at each place within its groups, alone and as the name of HTTP's basic authorization.
std::vector<std::string> Forms(absl::string_view secret);

// Fails the test when `text` holds one of the secrets, or most of it, in any form. `where` says
// what the text is.
void ExpectNoSecret(absl::string_view text, const std::string& where,
                    const std::vector<std::string>& secrets);

// Everything in a file.
std::string FileContent(const std::string& path);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_ATTACK_SECRET_TRACES_H_
