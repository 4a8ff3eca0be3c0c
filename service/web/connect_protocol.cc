#include "service/web/connect_protocol.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "service/control/api_error.h"

namespace logexport {
namespace {

constexpr std::uint8_t kCompressed = 1;
constexpr std::size_t kMostTimeoutDigits = 10;

ConnectHead Refused(int http_status, absl::StatusCode code, std::string message) {
  ConnectHead head;
  head.refusal = ConnectRefusal{http_status, code, std::move(message)};
  return head;
}

bool IsCompressed(const WebRequest& request, absl::string_view field) {
  const auto coding = request.Field(field);
  return coding.has_value() && !coding->empty() && !absl::EqualsIgnoreCase(*coding, "identity");
}

absl::Status BadEnvelope(absl::string_view why) {
  return InvalidFields({{"", absl::StrCat("the request is not one envelope: ", why)}});
}

}  // namespace

std::optional<Codec> CodecOf(absl::string_view content_type, bool stream) {
  const std::vector<absl::string_view> parts = absl::StrSplit(content_type, ';');
  const std::string type = absl::AsciiStrToLower(absl::StripAsciiWhitespace(parts.front()));
  const bool json = type == ContentTypeOf(Codec::kJson, stream);
  if (!json && type != ContentTypeOf(Codec::kBinary, stream)) return std::nullopt;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string parameter = absl::AsciiStrToLower(absl::StripAsciiWhitespace(parts[i]));
    if (!json || (parameter != "charset=utf-8" && parameter != "charset=\"utf-8\"")) {
      return std::nullopt;
    }
  }
  return json ? Codec::kJson : Codec::kBinary;
}

absl::string_view ContentTypeOf(Codec codec, bool stream) {
  if (stream)
    return codec == Codec::kJson ? "application/connect+json" : "application/connect+proto";
  return codec == Codec::kJson ? "application/json" : "application/proto";
}

absl::string_view AcceptedTypes(bool stream) {
  return stream ? "application/connect+json, application/connect+proto"
                : "application/json, application/proto";
}

ConnectHead ReadConnectHead(const WebRequest& request, bool stream) {
  ConnectHead head;
  const std::optional<Codec> codec = CodecOf(request.Field("content-type").value_or(""), stream);
  if (!codec.has_value()) {
    return Refused(415, absl::StatusCode::kInvalidArgument,
                   absl::StrCat("the content-type is to be one of ", AcceptedTypes(stream)));
  }
  head.request.codec = *codec;
  if (request.Field("connect-protocol-version").value_or("1") != "1") {
    return Refused(400, absl::StatusCode::kInvalidArgument, "connect-protocol-version is to be 1");
  }
  // A bomb is small while it is compressed. No request of ours is worth it.
  if (IsCompressed(request, stream ? "connect-content-encoding" : "content-encoding") ||
      IsCompressed(request, "content-encoding")) {
    return Refused(501, absl::StatusCode::kUnimplemented,
                   "compressed requests are not taken; send them as they are");
  }
  if (const auto timeout = request.Field("connect-timeout-ms"); timeout.has_value()) {
    std::int64_t ms = 0;
    if (timeout->empty() || timeout->size() > kMostTimeoutDigits ||
        !std::all_of(timeout->begin(), timeout->end(), absl::ascii_isdigit) ||
        !absl::SimpleAtoi(*timeout, &ms)) {
      return Refused(400, absl::StatusCode::kInvalidArgument,
                     "connect-timeout-ms is to be a number of at most 10 digits");
    }
    head.request.timeout = absl::Milliseconds(ms);
  }
  return head;
}

std::string Envelope(std::uint8_t flags, absl::string_view message) {
  std::string envelope;
  envelope.reserve(kEnvelopeHead + message.size());
  envelope.push_back(static_cast<char>(flags));
  for (int shift = 24; shift >= 0; shift -= 8) {
    envelope.push_back(static_cast<char>((message.size() >> shift) & 0xff));
  }
  envelope.append(message.data(), message.size());
  return envelope;
}

absl::StatusOr<absl::string_view> Unwrap(absl::string_view body) {
  if (body.size() < kEnvelopeHead) return BadEnvelope("it has less than five bytes");
  const auto flags = static_cast<std::uint8_t>(body[0]);
  if ((flags & kCompressed) != 0) return BadEnvelope("it is compressed");
  if (flags != 0) return BadEnvelope("it has flags that a request has not");
  std::uint64_t size = 0;
  for (std::size_t i = 1; i < kEnvelopeHead; ++i) {
    size = size << 8 | static_cast<std::uint8_t>(body[i]);
  }
  const absl::string_view message = body.substr(kEnvelopeHead);
  if (size != message.size()) {
    return BadEnvelope(size > message.size() ? "the message ends early"
                                             : "something follows the message");
  }
  return message;
}

}  // namespace logexport
