#ifndef LOGEXPORT_CLIENT_CLI_VALUES_H_
#define LOGEXPORT_CLIENT_CLI_VALUES_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include <google/protobuf/message.h>

#include "client/cli/field_flags.h"

namespace logexport::cli {

// What reading a value may need from outside.
struct ValueContext {
  absl::Time now;
  absl::TimeZone zone;
  // Contents of a file; `-` is standard input.
  std::function<absl::StatusOr<std::string>(const std::string& path)> read_file;
};

// Sets the field of `flag` in `request` from the texts given on the command line, each of which is
// one use of the flag. Lists take several uses and commas; a single empty text clears them.
// INVALID_ARGUMENT says what is accepted instead; the request is then half-filled and of no use.
absl::Status SetValue(const Flag& flag, const std::vector<std::string>& texts,
                      const ValueContext& context, google::protobuf::Message& request);

// The value called `text`: short name in lower case, full name, or number.
// INVALID_ARGUMENT lists the choices and the nearest of them.
absl::StatusOr<int> ParseEnum(const google::protobuf::EnumDescriptor* type, absl::string_view text);

// Splits at commas, except those after a backslash.
std::vector<std::string> SplitList(absl::string_view text);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_VALUES_H_
