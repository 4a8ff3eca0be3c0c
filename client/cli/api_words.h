#ifndef LOGEXPORT_CLIENT_CLI_API_WORDS_H_
#define LOGEXPORT_CLIENT_CLI_API_WORDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include <google/protobuf/descriptor.h>

#include "client/cli/field_flags.h"

namespace logexport::cli {

// What the API says, in the words of the command line, for people: the name of an RPC becomes its
// command (GetConfig → get-config), and the name of a field that is one of `flags` becomes the flag
// (allow_skip → --allow-skip). One word alone, such as `window`, may be any word and stays.
std::string InCommandWords(absl::string_view text,
                           const google::protobuf::ServiceDescriptor& service,
                           const std::vector<Flag>& flags);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_API_WORDS_H_
