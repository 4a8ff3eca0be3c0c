#ifndef LOGEXPORT_SERVICE_WEB_CONNECT_PROTOCOL_H_
#define LOGEXPORT_SERVICE_WEB_CONNECT_PROTOCOL_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/web/message_codec.h"
#include "service/web/web_exchange.h"

// The Connect protocol (connectrpc.com/docs/protocol) as far as it is the bytes of requests and
// answers. Unary methods take and answer bare messages; streaming ones envelopes.
namespace logexport {

// The codec of a request's content type; nothing for a type that is no message of such a method.
std::optional<Codec> CodecOf(absl::string_view content_type, bool stream);
// The content type of what is written so.
absl::string_view ContentTypeOf(Codec codec, bool stream);
// The content types that a method takes, for the field `accept-post`.
absl::string_view AcceptedTypes(bool stream);

// What a request asks of the protocol.
struct ConnectRequest {
  Codec codec = Codec::kJson;
  absl::Duration timeout = absl::InfiniteDuration();
};

// A request that is not of the protocol, and what it is answered with.
struct ConnectRefusal {
  int http_status = 400;
  absl::StatusCode code = absl::StatusCode::kInvalidArgument;
  std::string message;
};

// Reads the fields of a POST: content type, version, timeout, and that nothing is compressed.
struct ConnectHead {
  ConnectRequest request;
  std::optional<ConnectRefusal> refusal;
};
ConnectHead ReadConnectHead(const WebRequest& request, bool stream);

// ---- envelopes: a byte of flags, four of length, big-endian, and the message

inline constexpr std::size_t kEnvelopeHead = 5;
inline constexpr std::uint8_t kEndOfStream = 2;

std::string Envelope(std::uint8_t flags, absl::string_view message);
// The message of a body that is one envelope. INVALID_ARGUMENT says what else it is.
absl::StatusOr<absl::string_view> Unwrap(absl::string_view body);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WEB_CONNECT_PROTOCOL_H_
