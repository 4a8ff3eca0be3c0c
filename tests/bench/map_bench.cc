// What mapping costs per log, on made-up logs of about 1.5 KB.
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include <benchmark/benchmark.h>

#include "service/auth0/page_decoder.h"
#include "service/export/log.h"
#include "service/export/settings.h"
#include "service/segment/event_mapper.h"

namespace logexport {
namespace {

std::string MadeUpLog(int index) {
  const std::string id = absl::StrFormat("90020261123005102%06d%033d", index, index);
  const char* const types[] = {"s", "fp", "seacft"};
  std::string log = absl::StrFormat(
      R"({"date":"2026-11-23T00:51:02.%03dZ","type":"%s","description":"",)"
      R"("connection":"Username-Password-Authentication","connection_id":"con_0123456789abcdef",)"
      R"("client_id":"AaBbCcDdEeFfGgHhIiJjKkLlMmNnOoPp","client_name":"Example application",)"
      R"("ip":"203.0.113.7","user_agent":"Chrome 130.0.0 / Linux 0.0.0","details":{"prompts":[)",
      index % 1000, types[index % 3]);
  for (int i = 0; i < 4; ++i) {
    absl::StrAppend(&log, i == 0 ? "" : ",",
                    R"({"name":"prompt-authenticate","completedAt":1764000000123,"connection":)",
                    R"("Username-Password-Authentication","strategy":"auth0","identity":)",
                    R"("0123456789abcdef01234567","stats":{"loginsCount":)", index,
                    R"(},"elapsedTime":null})");
  }
  absl::StrAppend(&log, R"(],"initiatedAt":1764000000001,"completedAt":1764000000456,)",
                  R"("elapsedTime":455,"session_id":"AbCdEfGhIjKlMnOpQrStUvWxYz0123456"},)",
                  R"("hostname":"tenant.example.com","user_id":"auth0|)",
                  absl::StrFormat("%024x", index), R"(","user_name":"someone@example.com",)",
                  R"("strategy":"auth0","strategy_type":"database","audience":)",
                  R"("https://tenant.example.com/userinfo","scope":["openid","profile","email"],)",
                  R"("auth0_client":{"name":"example-spa","version":"2.1.0"},"log_id":")", id,
                  R"(","_id":")", id, R"(","isMobile":false})");
  return log;
}

Page MadeUpPage() {
  std::string body = "[";
  for (int i = 0; i < 100; ++i) absl::StrAppend(&body, i == 0 ? "" : ",", MadeUpLog(i));
  body += "]";
  body.reserve(body.size() + 64);
  return *PageDecoder().DecodeArray(std::move(body));
}

// One item is one log.
void MapPages(benchmark::State& state, const SegmentSettings& segment,
              const PrivacySettings& privacy, const Profile* profile) {
  const Page page = MadeUpPage();
  const auto mapper = MakeEventMapper(segment, privacy, {}, "tenant.example.com");
  std::string out;
  std::vector<std::uint32_t> sizes;
  for (auto _ : state) {
    out.clear();
    sizes.clear();
    for (const Log& log : page.logs) mapper->Map(log, profile, &out, &sizes);
    benchmark::DoNotOptimize(out.data());
  }
  if (sizes.size() != page.logs.size()) state.SkipWithError("not every log became an event");
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(page.logs.size()));
  state.counters["event_bytes"] =
      static_cast<double>(out.size()) / static_cast<double>(sizes.size());
}

SegmentSettings Settings(DetailsForm details) {
  SegmentSettings settings;
  settings.message_namespace = "0123456789abcdef";
  settings.details = details;
  return settings;
}

void BM_Map(benchmark::State& state) {
  MapPages(state, Settings(DetailsForm::kJsonString), {}, nullptr);
}
BENCHMARK(BM_Map)->Unit(benchmark::kMicrosecond);

void BM_MapDetailsAsObject(benchmark::State& state) {
  MapPages(state, Settings(DetailsForm::kObject), {}, nullptr);
}
BENCHMARK(BM_MapDetailsAsObject)->Unit(benchmark::kMicrosecond);

void BM_MapWithProfile(benchmark::State& state) {
  const Profile profile{
      R"({"user_id":"auth0|0","email":"someone@example.com","email_verified":true,)"
      R"("name":"Some One","given_name":"Some","family_name":"One","nickname":"someone",)"
      R"("picture":"https://example.com/p.png","created_at":"2025-01-01T00:00:00.000Z",)"
      R"("updated_at":"2026-11-22T00:00:00.000Z","logins_count":42})"};
  MapPages(state, Settings(DetailsForm::kJsonString), {}, &profile);
}
BENCHMARK(BM_MapWithProfile)->Unit(benchmark::kMicrosecond);

void BM_MapWithStandardPrivacy(benchmark::State& state) {
  PrivacySettings privacy;
  privacy.standard_preset = true;
  privacy.hash_key = "a key for the benchmark";
  privacy.hash_key_id = "k1";
  MapPages(state, Settings(DetailsForm::kJsonString), privacy, nullptr);
}
BENCHMARK(BM_MapWithStandardPrivacy)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace logexport

BENCHMARK_MAIN();
