#ifndef LOGEXPORT_CLIENT_CLI_RENDER_JSON_H_
#define LOGEXPORT_CLIENT_CLI_RENDER_JSON_H_

#include <string>

#include "absl/strings/string_view.h"
#include <google/protobuf/message.h>

namespace logexport::cli {

enum class JsonStyle {
  kPretty,   // several lines; fields without a value are there, so that scripts find them
  kLine,     // the same on one line
  kRequest,  // one line, only what is set
};

// Proto JSON (lowerCamelCase names, 64-bit numbers as strings), without a line end. Times outside
// the years 1 to 9999, which have no JSON form, appear as the nearest time that has one.
std::string ToJson(const google::protobuf::Message& message, JsonStyle style);

// The same content as YAML, with a line end; 64-bit numbers are plain numbers.
std::string ToYaml(const google::protobuf::Message& message);

// JSON text laid out on several lines, two spaces per level; nothing else about it changes. What is
// not JSON comes back as it is.
std::string IndentJson(absl::string_view json);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_RENDER_JSON_H_
