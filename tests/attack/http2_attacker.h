#ifndef LOGEXPORT_TESTS_ATTACK_HTTP2_ATTACKER_H_
#define LOGEXPORT_TESTS_ATTACK_HTTP2_ATTACKER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport {

// A TCP connection to a service under test, and HTTP/2 over it frame by frame: what a hostile
// client sends and no library would. Everything is bounded in time. One thread.
class Http2Attacker {
 public:
  // Connects to host:port; from `source`, an address of this machine, where it is given. Not
  // connected (see Connected) when the service does not take the connection.
  explicit Http2Attacker(const std::string& address, const std::string& source = "");
  ~Http2Attacker();
  Http2Attacker(Http2Attacker&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Http2Attacker(const Http2Attacker&) = delete;
  Http2Attacker& operator=(const Http2Attacker&) = delete;

  bool Connected() const { return fd_ >= 0; }

  // Sends the preface. With `window` as the initial window of each stream: 0 never lets an answer
  // through. False when the service is gone.
  bool Start(std::uint32_t window = 1 << 20);

  // Opens stream `id` (odd) with a POST of gRPC to `path`; `headers` come beside the usual ones.
  bool OpenStream(std::uint32_t id, absl::string_view path,
                  const std::vector<std::pair<std::string, std::string>>& headers = {});

  // Sends `bytes` as DATA of the stream, in frames of 16 KB, however much the service is ready to
  // take; without waiting for anything. Answers how many the kernel took in `limit`.
  std::size_t SendData(std::uint32_t id, absl::string_view bytes, bool last,
                       absl::Duration limit = absl::Seconds(5));

  // The next frame, or nothing when there is none in `limit` or the connection has ended.
  struct Frame {
    std::uint8_t type = 0;
    std::uint8_t flags = 0;
    std::uint32_t stream = 0;
    std::string payload;
  };
  std::optional<Frame> Read(absl::Duration limit);

  // Reads until the service has ended the stream (by its trailers or a reset); false when that does
  // not happen in `limit`.
  bool AwaitEnd(std::uint32_t id, absl::Duration limit);

  // Whether the service closes the connection within `limit`. Reads what comes until then.
  bool AwaitClose(absl::Duration limit);

  bool Send(absl::string_view bytes, absl::Duration limit = absl::Seconds(5));

 private:
  int fd_ = -1;
};

// The five bytes before a message of gRPC.
std::string MessagePrefix(std::uint32_t length, bool compressed = false);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_ATTACK_HTTP2_ATTACKER_H_
