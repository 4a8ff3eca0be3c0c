#include <optional>

#include <google/protobuf/util/message_differencer.h>

#include "logexport/v1/service.pb.h"
#include "service/control/api_error.h"
#include "service/web/connect_protocol.h"
#include "service/web/message_codec.h"
#include "tests/fuzz/targets.h"

namespace logexport {
namespace {

// A message that has been taken can be written and read again; one that is refused is so in words
// that can be shown.
void CheckDecoding(Codec codec, absl::string_view bytes) {
  v1::UpdateConfigRequest request;
  const absl::Status status = Decode(codec, bytes, request);
  if (!status.ok()) {
    const ApiError error = ApiErrorOf(status);
    Promise(error.reason == "INVALID_FIELD", "what is no message is said to be none");
    for (const ApiError::Violation& violation : error.violations) {
      PromisePrintable(violation.field, "fields can be shown");
      PromisePrintable(violation.description, "descriptions can be shown");
    }
    return;
  }
  // A mask or a time may have no form in JSON, or not the one that it came in.
  const absl::StatusOr<std::string> again = Encode(Codec::kBinary, request);
  v1::UpdateConfigRequest read;
  Promise(again.ok() && Decode(Codec::kBinary, *again, read).ok() &&
              google::protobuf::util::MessageDifferencer::Equals(read, request),
          "what was read can be written and read again");
}

}  // namespace

// A content type, a line break, and a body of that type: bare and as an envelope.
void FuzzConnectRequest(absl::string_view input) {
  const std::size_t line = input.find('\n');
  const absl::string_view body =
      line == absl::string_view::npos ? absl::string_view() : input.substr(line + 1);
  for (const bool stream : {false, true}) {
    const std::optional<Codec> codec = CodecOf(input.substr(0, line), stream);
    if (!codec.has_value()) continue;
    if (!stream) {
      CheckDecoding(*codec, body);
      continue;
    }
    const absl::StatusOr<absl::string_view> message = Unwrap(body);
    if (!message.ok()) continue;
    Promise(Envelope(0, *message) == body, "an envelope is one in one way only");
    CheckDecoding(*codec, *message);
  }
}

}  // namespace logexport
