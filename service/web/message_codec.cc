#include "service/web/message_codec.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include <google/protobuf/util/json_util.h>

#include "service/access/call_gate.h"
#include "service/base/utf8.h"
#include "service/control/api_error.h"
#include "service/json/json_value.h"
#include "service/web/json_misfit.h"

namespace logexport {
namespace {

absl::Status NotJson(absl::string_view why) {
  return InvalidFields({{"", absl::StrCat("the request is not JSON: ", why)}});
}

// The parser's own message may quote a value.
absl::Status WhyRefused(absl::string_view bytes, const google::protobuf::Message& message) {
  if (bytes.empty()) return NotJson("it is empty; send {} for a request without fields");
  const absl::StatusOr<JsonValue> json = JsonValue::Parse(bytes);
  if (!json.ok()) return NotJson(json.status().message());
  const JsonMisfit misfit = FindMisfit(*json, *message.GetDescriptor());
  return InvalidFields({{misfit.field, misfit.what}});
}

}  // namespace

absl::Status Decode(Codec codec, absl::string_view bytes, google::protobuf::Message& message) {
  if (codec == Codec::kBinary) {
    return message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))
               ? absl::OkStatus()
               : RequestUnreadable();
  }
  if (!IsValidUtf8(bytes)) return NotJson("it is not UTF-8");
  const google::protobuf::StringPiece text(bytes.data(), bytes.size());
  if (google::protobuf::util::JsonStringToMessage(text, &message).ok()) return absl::OkStatus();
  return WhyRefused(bytes, message);
}

absl::StatusOr<std::string> Encode(Codec codec, const google::protobuf::Message& message) {
  std::string bytes;
  if (codec == Codec::kBinary) {
    if (!message.SerializeToString(&bytes)) return absl::InternalError("an answer is incomplete");
    return bytes;
  }
  const auto written = google::protobuf::util::MessageToJsonString(message, &bytes);
  if (!written.ok()) {
    return absl::InternalError(
        absl::StrCat("an answer cannot be written as JSON: ", std::string(written.message())));
  }
  return bytes;
}

}  // namespace logexport
