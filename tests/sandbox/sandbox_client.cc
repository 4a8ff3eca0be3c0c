#include "tests/sandbox/sandbox_client.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace logexport::sandbox {

std::unique_ptr<Sandbox> StartSandbox(SandboxOptions options) {
  absl::StatusOr<std::unique_ptr<Sandbox>> sandbox = Sandbox::Start(std::move(options));
  EXPECT_TRUE(sandbox.ok()) << sandbox.status();
  return sandbox.ok() ? *std::move(sandbox) : nullptr;
}

SandboxOptions WithLogs(std::size_t count) {
  SandboxOptions options;
  options.generate = count;
  options.start_time = absl::FromUnixSeconds(1'790'000'000);
  options.span = absl::Hours(1);
  return options;
}

JsonValue ParseJson(const std::string& json) {
  absl::StatusOr<JsonValue> value = JsonValue::Parse(json);
  EXPECT_TRUE(value.ok()) << value.status() << " in " << json.substr(0, 500);
  return value.ok() ? *std::move(value) : JsonValue();
}

std::string TokenRequest(const Auth0Options& options) {
  return absl::StrCat(R"({"grant_type":"client_credentials","client_id":")", options.client_id,
                      R"(","client_secret":")", options.client_secret, R"(","audience":"https://)",
                      options.domain, R"(/api/v2/"})");
}

HttpHeaders Authorize(const Sandbox& sandbox) {
  const HttpReply reply =
      HttpPost(sandbox.url(), "/oauth/token", TokenRequest(sandbox.options().auth0));
  EXPECT_EQ(reply.status, 200) << reply.body;
  return {
      {"Authorization", absl::StrCat("Bearer ", ParseJson(reply.body)["access_token"].String())}};
}

HttpReply GetApi(const Sandbox& sandbox, const std::string& target, const HttpHeaders& headers) {
  return HttpGet(sandbox.url(), "/api/v2/" + target, headers);
}

std::vector<std::string> IdsIn(const std::string& page) {
  std::vector<std::string> ids;
  const JsonValue logs = ParseJson(page);
  for (const JsonValue& log : logs.items()) {
    ids.emplace_back(log["log_id"].String(log["_id"].String()));
  }
  return ids;
}

std::string Batch(const std::vector<std::string>& events) {
  return absl::StrCat(R"({"writeKey":")", SegmentOptions().write_key,
                      R"(","sentAt":"2026-11-23T00:00:00.000Z","batch":[)",
                      absl::StrJoin(events, ","), "]}");
}

std::string GoodEvent(const std::string& log_id) {
  return absl::StrCat(
      R"({"type":"track","event":"Success Login","userId":"auth0|1","messageId":"ns-)", log_id,
      R"(-t","timestamp":"2026-11-23T00:00:00.000Z","properties":{"log_id":")", log_id, R"("}})");
}

HttpReply PostBatch(const Sandbox& sandbox, const std::string& body, const HttpHeaders& headers) {
  return HttpPost(sandbox.url(), "/v1/batch", body, "application/json", headers);
}

std::string RawExchange(int port, absl::string_view bytes, bool* closed, absl::Duration limit) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  std::string received;
  *closed = false;
  const absl::Time deadline = absl::Now() + limit;
  while (!*closed && absl::Now() < deadline) {
    pollfd waiting = {fd, POLLIN, 0};
    if (poll(&waiting, 1,
             static_cast<int>(absl::ToInt64Milliseconds(deadline - absl::Now())) + 1) != 1) {
      continue;
    }
    char buffer[16 * 1024];
    const ssize_t got = recv(fd, buffer, sizeof(buffer), 0);
    *closed = got <= 0;
    received.append(buffer, got > 0 ? static_cast<std::size_t>(got) : 0);
  }
  close(fd);
  return received;
}

}  // namespace logexport::sandbox
