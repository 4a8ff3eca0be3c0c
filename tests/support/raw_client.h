#ifndef LOGEXPORT_TESTS_SUPPORT_RAW_CLIENT_H_
#define LOGEXPORT_TESTS_SUPPORT_RAW_CLIENT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport {

// A TCP connection on which a test sends any bytes: what no HTTP library would. Every read ends
// after a minute of real time, which fails the test. One thread.
class RawClient {
 public:
  // `address` is 127.0.0.1:PORT.
  explicit RawClient(const std::string& address);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  // False when the server has closed the connection.
  bool Send(absl::string_view bytes);
  // Nothing more is sent.
  void CloseOutput();
  // Closes it with a reset, as a client that dies does.
  void Reset();

  // The next answer: its head and, by its Content-Length, its body (none after HEAD). Empty when
  // the connection ends before.
  std::string ReadAnswer(bool has_body = true);
  // All that comes until `end` does; without it if the connection ends before.
  std::string ReadUntil(absl::string_view end);
  // All that comes until the server closes the connection.
  std::string ReadAll();

 private:
  // Reads some more; false at the end.
  bool Fill();

  int fd_ = -1;
  std::string read_;
};

// The status in the first line of an answer; 0 when there is none.
int StatusOf(absl::string_view answer);
// The value of a field of the answer, by its name in lower case.
std::string FieldOf(absl::string_view answer, absl::string_view name);
// What follows the head.
std::string BodyOf(absl::string_view answer);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SUPPORT_RAW_CLIENT_H_
