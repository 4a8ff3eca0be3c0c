#ifndef LOGEXPORT_SERVICE_WEB_MESSAGE_CODEC_H_
#define LOGEXPORT_SERVICE_WEB_MESSAGE_CODEC_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include <google/protobuf/message.h>

namespace logexport {

// How messages are written in a body.
enum class Codec { kJson, kBinary };

// Reads a message. INVALID_ARGUMENT / INVALID_FIELD, as over gRPC, for bytes that are none; for
// JSON it names the field that does not fit, never a value, which may be a secret. Fields that the
// message does not have are refused: a word spelled wrong must not change what a call does.
absl::Status Decode(Codec codec, absl::string_view bytes, google::protobuf::Message& message);

// Writes it. JSON has the names and forms of proto3's: `logId`, times as RFC 3339, 64-bit numbers
// as strings, nothing for a field with its default.
absl::StatusOr<std::string> Encode(Codec codec, const google::protobuf::Message& message);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WEB_MESSAGE_CODEC_H_
