#include <utility>

#include "absl/strings/str_cat.h"

#include "tests/support/raw_server.h"

namespace logexport {

std::string RawResponse(int status, absl::string_view body, absl::string_view extra_headers) {
  return absl::StrCat("HTTP/1.1 ", status, " Status\r\nContent-Length: ", body.size(), "\r\n",
                      extra_headers, "\r\n", body);
}

RawScript AnswerEach(std::string bytes) {
  return [bytes = std::move(bytes)](RawConnection& connection, int) {
    while (connection.ReadRequest().has_value() && connection.Send(bytes)) {
    }
  };
}

RawScript AnswerThenClose(std::string bytes) {
  return [bytes = std::move(bytes)](RawConnection& connection, int) {
    connection.ReadRequest();
    connection.Send(bytes);
    connection.Close();
  };
}

RawScript AnswerThenReset(std::string bytes) {
  return [bytes = std::move(bytes)](RawConnection& connection, int) {
    connection.ReadRequest();
    connection.Send(bytes);
    connection.Reset();
  };
}

RawScript AnswerThenHang(std::string bytes) {
  return [bytes = std::move(bytes)](RawConnection& connection, int) {
    connection.ReadRequest();
    connection.Send(bytes);
    connection.WaitForPeerToClose();
  };
}

RawScript AnswerThenDrip(std::string bytes, absl::Duration interval) {
  return [bytes = std::move(bytes), interval](RawConnection& connection, int) {
    connection.ReadRequest();
    bool alive = connection.Send(bytes);
    while (alive) alive = connection.Pause(interval) && connection.Send("x");
  };
}

RawScript AnswerThenFlood(std::string bytes, std::string chunk) {
  return [bytes = std::move(bytes), chunk = std::move(chunk)](RawConnection& connection, int) {
    connection.ReadRequest();
    bool alive = connection.Send(bytes);
    while (alive) alive = connection.Send(chunk);
  };
}

}  // namespace logexport
