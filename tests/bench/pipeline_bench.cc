// What the smaller steps of a log's way cost: deciding whether it is exported, putting a batch
// together for Segment, gzip, and knowing when the next run is due. Decoding, mapping, exchanges
// and commits have programs of their own.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "service/auth0/page_decoder.h"
#include "service/base/clock.h"
#include "service/export/filter.h"
#include "service/export/log.h"
#include "service/http/gzip.h"
#include "service/schedule/cron.h"
#include "service/schedule/next_fire.h"
#include "service/segment/batch_sink.h"
#include "service/segment/event_mapper.h"
#include "tests/bench/made_up_logs.h"

namespace logexport::bench {
namespace {

Page DecodedPage() { return *PageDecoder().DecodeArray(MadeUpPage()); }

// One item is one log.
void BM_Filter(benchmark::State& state) {
  const Page page = DecodedPage();
  FilterSettings settings;
  settings.types = {"s", "fp", "f"};
  settings.min_level = 1;
  const LogFilter filter(settings, "the exporter's own client");
  for (auto _ : state) {
    for (const Log& log : page.logs) benchmark::DoNotOptimize(filter.ReasonToSkip(log));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(page.logs.size()));
}
BENCHMARK(BM_Filter)->Unit(benchmark::kMicrosecond);

// Takes what it is given and says that all is well.
class AcceptingTransport final : public HttpTransport {
 public:
  absl::StatusOr<HttpResponse> Issue(const HttpRequest& request) override {
    bytes += request.body.size();
    for (const absl::string_view piece : request.more_body) bytes += piece.size();
    HttpResponse response;
    response.status = 200;
    response.body = R"({"success":true})";
    return response;
  }

  std::size_t bytes = 0;
};

std::string FullBatch() {
  const Page page = DecodedPage();
  SegmentSettings settings;
  settings.message_namespace = "0123456789abcdef";
  const auto mapper = MakeEventMapper(settings, {}, {}, "tenant.example.com");
  std::string events;
  std::vector<std::uint32_t> sizes;
  while (events.size() < 470'000) {
    for (const Log& log : page.logs) {
      if (!events.empty()) events += ',';
      mapper->Map(log, nullptr, &events, &sizes);
    }
  }
  return events;
}

// One batch of about 475 KB, from the events to what is handed to the transport.
void Encode(benchmark::State& state, bool gzip) {
  const std::string events = FullBatch();
  AcceptingTransport transport;
  SegmentSettings settings;
  settings.base_url = "https://api.segment.io";
  settings.write_key = "key";
  settings.max_events_per_second = 0;
  settings.gzip = gzip;
  const auto sink = MakeSegmentSink(settings, transport, RealClock());
  for (auto _ : state) {
    if (!sink->Send(events, 300, 0, {}).ok()) state.SkipWithError("the batch was not accepted");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(events.size()));
  state.counters["of_its_size"] = static_cast<double>(transport.bytes) /
                                  static_cast<double>(state.iterations()) /
                                  static_cast<double>(events.size());
}
void BM_EncodeBatch(benchmark::State& state) { Encode(state, false); }
BENCHMARK(BM_EncodeBatch)->Unit(benchmark::kMicrosecond);
void BM_EncodeBatchGzip(benchmark::State& state) { Encode(state, true); }
BENCHMARK(BM_EncodeBatchGzip)->Unit(benchmark::kMicrosecond);

void BM_CronParse(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(ParseCron("0 */5 8-18 * * mon-fri"));
}
BENCHMARK(BM_CronParse);

void BM_CronNextFire(benchmark::State& state) {
  const CronExpression expression = *ParseCron("0 30 2 29 2 *");
  absl::TimeZone zone = absl::UTCTimeZone();
  absl::LoadTimeZone("Europe/Berlin", &zone);
  absl::Time time = absl::FromUnixSeconds(1'764'000'000);
  for (auto _ : state) {
    benchmark::DoNotOptimize(NextFire(expression, zone, time));
    time += absl::Minutes(7);
  }
}
BENCHMARK(BM_CronNextFire);

}  // namespace
}  // namespace logexport::bench

BENCHMARK_MAIN();
