#include "tests/bench/made_up_logs.h"

#include <cstdint>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace logexport::bench {
namespace {

// Of things that are random in real logs, too, and do not compress.
std::string Hex(std::mt19937_64& random, int quads) {
  std::string text;
  for (int i = 0; i < quads; ++i) absl::StrAppend(&text, absl::Hex(random(), absl::kZeroPad16));
  return text;
}

}  // namespace

std::string MadeUpLog(int number) {
  const std::string id = absl::StrFormat("90020261123005102%06d%033d", number, number);
  std::mt19937_64 random(static_cast<std::uint64_t>(number));
  const std::string identity = Hex(random, 2).substr(0, 24);
  const char* const types[] = {"s", "fp", "seacft"};
  std::string log = absl::StrFormat(
      R"({"date":"2026-11-23T00:51:02.%03dZ","type":"%s","description":"",)"
      R"("connection":"Username-Password-Authentication","connection_id":"con_0123456789abcdef",)"
      R"("client_id":"AaBbCcDdEeFfGgHhIiJjKkLlMmNnOoPp","client_name":"Example application",)"
      R"("ip":"203.0.113.%d","user_agent":"Chrome %d.0.0 / Linux 0.0.0","details":{"prompts":[)",
      number % 1000, types[number % 3], random() % 256, 120 + random() % 20);
  for (int i = 0; i < 4; ++i) {
    absl::StrAppend(&log, i == 0 ? "" : ",",
                    R"({"name":"prompt-authenticate","completedAt":1764000000123,"connection":)",
                    R"("Username-Password-Authentication","strategy":"auth0","identity":")",
                    identity, R"(","stats":{"loginsCount":)", random() % 500,
                    R"(},"elapsedTime":null})");
  }
  absl::StrAppend(&log, R"(],"initiatedAt":1764000000001,"completedAt":1764000000456,)",
                  R"("elapsedTime":455,"session_id":")", Hex(random, 2),
                  R"("},"hostname":"tenant.example.com","user_id":"auth0|)", identity,
                  R"(","user_name":"someone.)", number, R"(@example.com",)",
                  R"("strategy":"auth0","strategy_type":"database","audience":)",
                  R"("https://tenant.example.com/userinfo","scope":["openid","profile","email"],)",
                  R"("auth0_client":{"name":"example-spa","version":"2.1.0"},"log_id":")", id,
                  R"(","_id":")", id, R"(","isMobile":false})");
  return log;
}

std::string MadeUpPage() {
  std::string page = "[";
  for (int i = 0; i < 100; ++i) absl::StrAppend(&page, i == 0 ? "" : ",", MadeUpLog(i));
  page += "]";
  page.reserve(page.size() + 64);
  return page;
}

}  // namespace logexport::bench
