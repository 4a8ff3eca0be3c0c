#include "tests/attack/http2_attacker.h"

#include <algorithm>
#include <cerrno>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace logexport {
namespace {

constexpr std::uint8_t kData = 0;
constexpr std::uint8_t kHeaders = 1;
constexpr std::uint8_t kReset = 3;
constexpr std::uint8_t kSettings = 4;
constexpr std::uint8_t kEndStream = 1;
constexpr std::uint8_t kEndHeaders = 4;
constexpr std::size_t kLargestFrame = 16384;

std::string BigEndian(std::uint32_t value, int bytes) {
  std::string text;
  for (int n = bytes - 1; n >= 0; --n) text.push_back(static_cast<char>(value >> (8 * n)));
  return text;
}

std::string FrameOf(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                    absl::string_view payload) {
  return absl::StrCat(BigEndian(static_cast<std::uint32_t>(payload.size()), 3),
                      std::string(1, static_cast<char>(type)),
                      std::string(1, static_cast<char>(flags)), BigEndian(stream, 4), payload);
}

// A length below 127 in HPACK, without Huffman coding; longer ones in the continued form.
std::string HpackText(absl::string_view text) {
  std::string out;
  std::size_t length = text.size();
  if (length < 127) {
    out.push_back(static_cast<char>(length));
  } else {
    out.push_back(127);
    for (length -= 127; length >= 128; length /= 128) {
      out.push_back(static_cast<char>(128 + length % 128));
    }
    out.push_back(static_cast<char>(length));
  }
  return absl::StrCat(out, text);
}

std::string Header(absl::string_view name, absl::string_view value) {
  return absl::StrCat(std::string(1, '\0'), HpackText(name), HpackText(value));
}

bool AwaitReady(int fd, short events, absl::Time deadline) {
  for (;;) {
    pollfd waited{fd, events, 0};
    const absl::Duration left = std::max(deadline - absl::Now(), absl::ZeroDuration());
    const int got = poll(&waited, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1);
    if (got > 0) return true;
    if (got == 0 || errno != EINTR) return false;
  }
}

}  // namespace

std::string MessagePrefix(std::uint32_t length, bool compressed) {
  return absl::StrCat(std::string(1, compressed ? '\1' : '\0'), BigEndian(length, 4));
}

Http2Attacker::Http2Attacker(const std::string& address, const std::string& source) {
  const std::size_t colon = address.rfind(':');
  int port = 0;
  if (!absl::SimpleAtoi(address.substr(colon + 1), &port)) return;
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (!source.empty()) {
    sockaddr_in from{};
    from.sin_family = AF_INET;
    inet_pton(AF_INET, source.c_str(), &from.sin_addr);
    if (bind(fd_, reinterpret_cast<sockaddr*>(&from), sizeof(from)) != 0) {
      close(std::exchange(fd_, -1));
      return;
    }
  }
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int error = 0;
  socklen_t size = sizeof(error);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 0 &&
      (errno != EINPROGRESS || !AwaitReady(fd_, POLLOUT, absl::Now() + absl::Seconds(5)) ||
       getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)) {
    close(std::exchange(fd_, -1));
  }
}

Http2Attacker::~Http2Attacker() {
  if (fd_ >= 0) close(fd_);
}

bool Http2Attacker::Send(absl::string_view bytes, absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EAGAIN || !AwaitReady(fd_, POLLOUT, deadline)) {
      return false;
    }
  }
  return true;
}

bool Http2Attacker::Start(std::uint32_t window) {
  // SETTINGS_INITIAL_WINDOW_SIZE
  return Send(absl::StrCat("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                           FrameOf(kSettings, 0, 0, BigEndian(4, 2) + BigEndian(window, 4))));
}

bool Http2Attacker::OpenStream(std::uint32_t id, absl::string_view path,
                               const std::vector<std::pair<std::string, std::string>>& headers) {
  std::string block =
      absl::StrCat(Header(":method", "POST"), Header(":scheme", "http"), Header(":path", path),
                   Header(":authority", "localhost"), Header("te", "trailers"),
                   Header("content-type", "application/grpc"));
  for (const auto& [name, value] : headers) block += Header(name, value);
  return Send(FrameOf(kHeaders, kEndHeaders, id, block));
}

std::size_t Http2Attacker::SendData(std::uint32_t id, absl::string_view bytes, bool last,
                                    absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  std::size_t sent = 0;
  while (!bytes.empty()) {
    const absl::string_view piece = bytes.substr(0, kLargestFrame);
    bytes.remove_prefix(piece.size());
    const std::uint8_t flags = bytes.empty() && last ? kEndStream : 0;
    if (!Send(FrameOf(kData, flags, id, piece), deadline - absl::Now())) break;
    sent += piece.size();
  }
  return sent;
}

std::optional<Http2Attacker::Frame> Http2Attacker::Read(absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  const auto exactly = [&](std::size_t count) -> std::optional<std::string> {
    std::string bytes(count, '\0');
    std::size_t have = 0;
    while (have < count) {
      const ssize_t got = recv(fd_, bytes.data() + have, count - have, MSG_DONTWAIT);
      if (got > 0) {
        have += static_cast<std::size_t>(got);
      } else if (got == 0 || errno != EAGAIN || !AwaitReady(fd_, POLLIN, deadline)) {
        return std::nullopt;
      }
    }
    return bytes;
  };
  const std::optional<std::string> head = exactly(9);
  if (!head.has_value()) return std::nullopt;
  const auto byte = [&](std::size_t n) { return static_cast<std::uint8_t>((*head)[n]); };
  Frame frame;
  frame.type = byte(3);
  frame.flags = byte(4);
  frame.stream = static_cast<std::uint32_t>(byte(5) & 0x7f) << 24 |
                 static_cast<std::uint32_t>(byte(6)) << 16 |
                 static_cast<std::uint32_t>(byte(7)) << 8 | byte(8);
  const std::size_t length =
      static_cast<std::size_t>(byte(0)) << 16 | static_cast<std::size_t>(byte(1)) << 8 | byte(2);
  std::optional<std::string> payload = exactly(length);
  if (!payload.has_value()) return std::nullopt;
  frame.payload = *std::move(payload);
  return frame;
}

bool Http2Attacker::AwaitEnd(std::uint32_t id, absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  while (const std::optional<Frame> frame = Read(deadline - absl::Now())) {
    if (frame->stream != id) continue;
    if (frame->type == kReset) return true;
    if ((frame->flags & kEndStream) != 0 && frame->type <= kHeaders) return true;
  }
  return false;
}

bool Http2Attacker::AwaitClose(absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  char bytes[4096];
  for (;;) {
    const ssize_t got = recv(fd_, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (got > 0) continue;
    if (got == 0 || errno != EAGAIN) return true;
    if (!AwaitReady(fd_, POLLIN, deadline)) return false;
  }
}

}  // namespace logexport
