// What mapping costs per log, on made-up logs of about 1.5 KB.
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "service/auth0/page_decoder.h"
#include "service/export/log.h"
#include "service/export/settings.h"
#include "service/segment/event_mapper.h"
#include "tests/bench/made_up_logs.h"

namespace logexport::bench {
namespace {

// One item is one log.
void MapPages(benchmark::State& state, const SegmentSettings& segment,
              const PrivacySettings& privacy, const Profile* profile) {
  const Page page = *PageDecoder().DecodeArray(MadeUpPage());
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
}  // namespace logexport::bench

BENCHMARK_MAIN();
