#ifndef LOGEXPORT_SERVICE_WEB_WEB_EXCHANGE_H_
#define LOGEXPORT_SERVICE_WEB_WEB_EXCHANGE_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/access/incoming_call.h"

namespace logexport {

using WebFields = std::vector<std::pair<std::string, std::string>>;

// The head of a request as it came in, and what the connection tells of its client. Its size is
// bounded by the listener.
struct WebRequest {
  std::string method;   // "POST"
  std::string target;   // "/path?query"; always begins with a slash
  WebFields fields;     // in their order, names in lower case
  std::string address;  // of the client, as in IncomingCall: "ipv4:127.0.0.1:40312"
  bool tls = false;
  bool version_1_0 = false;
  std::optional<ClientCertificate> certificate;

  // The target without its query.
  absl::string_view Path() const;
  // The value of the field; nothing when it is missing. Where it stands several times, which no
  // field that this service reads may, it is the first one: see Repeated.
  std::optional<absl::string_view> Field(absl::string_view name) const;
  bool Repeated(absl::string_view name) const;
};

struct WebResponse {
  int status = 200;
  WebFields fields = {};  // beside Content-Length, Date and Connection, which the listener adds
  std::string body = {};
  // Sent instead of `body` when it is not empty. Lives for ever.
  absl::string_view fixed_body = {};
};

// A request and the place for its answer. Used by one thread, and only while its handler runs. A
// handler calls either Respond or StartStream, once.
class WebExchange {
 public:
  virtual ~WebExchange() = default;

  virtual const WebRequest& request() const = 0;

  // Blocks until the whole body is here. To be called once the client is known: until then nothing
  // of a long body is taken in.
  //   RESOURCE_EXHAUSTED  it is longer than `most` (see RequestTooLarge)
  //   DEADLINE_EXCEEDED   it is not here after `limit`
  //   INVALID_ARGUMENT    it is malformed
  //   CANCELLED           the client is gone
  virtual absl::StatusOr<std::string> ReadBody(std::size_t most, absl::Duration limit) = 0;

  // Answers. Does not wait until the client has taken it.
  virtual void Respond(WebResponse response) = 0;

  // Answers with a body of unknown length: Write blocks until the client has taken the bytes, and
  // is false when it does not take them in time or is gone. Ends when the handler returns. False
  // for a client that cannot take such a body (HTTP/1.0).
  virtual bool StartStream(WebResponse head) = 0;
  virtual bool Write(absl::string_view bytes) = 0;

  // Whether the client has closed its end: nobody waits for the answer. Cheap. Other threads may
  // call it, too.
  virtual bool ClientGone() = 0;
};

// Answers an exchange. Called on threads of the listener, several at a time; may block. One that
// returns without an answer is answered with 500.
using WebHandler = std::function<void(WebExchange&)>;

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WEB_WEB_EXCHANGE_H_
