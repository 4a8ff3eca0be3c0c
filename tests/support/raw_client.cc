#include "tests/support/raw_client.h"

#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace logexport {
namespace {

constexpr int kLimitMs = 60'000;
constexpr absl::string_view kEndOfHead = "\r\n\r\n";

}  // namespace

RawClient::RawClient(const std::string& address) {
  int port = 0;
  EXPECT_TRUE(absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port)) << address;
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(static_cast<std::uint16_t>(port));
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&server), sizeof(server)), 0) << address;
}

RawClient::~RawClient() { close(fd_); }

bool RawClient::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::CloseOutput() { shutdown(fd_, SHUT_WR); }

void RawClient::Reset() {
  const linger now{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  close(fd_);
  fd_ = -1;
}

bool RawClient::Fill() {
  pollfd polled{fd_, POLLIN, 0};
  if (poll(&polled, 1, kLimitMs) <= 0) {
    ADD_FAILURE() << "nothing comes after: " << read_;
    return false;
  }
  char bytes[16 << 10];
  const ssize_t size = recv(fd_, bytes, sizeof(bytes), 0);
  if (size <= 0) return false;
  read_.append(bytes, static_cast<std::size_t>(size));
  return true;
}

std::string RawClient::ReadUntil(absl::string_view end) {
  std::size_t at = read_.find(std::string(end));
  while (at == std::string::npos && Fill()) at = read_.find(std::string(end));
  const std::size_t size = at == std::string::npos ? read_.size() : at + end.size();
  std::string found = read_.substr(0, size);
  read_.erase(0, size);
  return found;
}

std::string RawClient::ReadAnswer(bool has_body) {
  std::string answer = ReadUntil(kEndOfHead);
  if (!absl::EndsWith(answer, kEndOfHead)) return "";
  std::size_t left = 0;
  if (has_body && !absl::SimpleAtoi(FieldOf(answer, "content-length"), &left)) {
    ADD_FAILURE() << "an answer without its length: " << answer;
  }
  while (read_.size() < left && Fill()) {
  }
  answer += read_.substr(0, left);
  read_.erase(0, left);
  return answer;
}

std::string RawClient::ReadAll() {
  while (Fill()) {
  }
  return std::move(read_);
}

int StatusOf(absl::string_view answer) {
  int status = 0;
  if (answer.size() < 12 || !absl::SimpleAtoi(answer.substr(9, 3), &status)) return 0;
  return status;
}

std::string FieldOf(absl::string_view answer, absl::string_view name) {
  const std::string head(answer.substr(0, answer.find(kEndOfHead)));
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(head, "\r\n"))) {
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos && absl::AsciiStrToLower(line.substr(0, colon)) == name) {
      return std::string(absl::StripAsciiWhitespace(line.substr(colon + 1)));
    }
  }
  return "";
}

std::string BodyOf(absl::string_view answer) {
  const std::size_t end = answer.find(kEndOfHead);
  return end == absl::string_view::npos ? "" : std::string(answer.substr(end + kEndOfHead.size()));
}

}  // namespace logexport
