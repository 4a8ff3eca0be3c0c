#ifndef LOGEXPORT_CLIENT_CLI_RENDER_TABLE_H_
#define LOGEXPORT_CLIENT_CLI_RENDER_TABLE_H_

#include <string>

#include "absl/status/statusor.h"
#include <google/protobuf/message.h>

#include "client/cli/render_value.h"

namespace logexport::cli {

// An answer for people: a table if it is a list, else its fields, one per line, those of nested
// messages indented. What is not set is left out. Which fields are columns, and in which order, is
// said by the option `column` in the proto files; without it, every field that fits.
// INVALID_ARGUMENT if style.columns names something else than fields.
absl::StatusOr<std::string> RenderTable(const google::protobuf::Message& answer,
                                        const TableStyle& style);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_RENDER_TABLE_H_
