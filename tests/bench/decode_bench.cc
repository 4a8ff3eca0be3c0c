// What decoding costs per log, on pages of 100 made-up logs of about 1.5 KB.
#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>

#include "service/auth0/page_decoder.h"
#include "tests/bench/made_up_logs.h"

namespace logexport::bench {
namespace {

void BM_DecodePage(benchmark::State& state) {
  const std::string page = MadeUpPage();
  PageDecoder decoder;
  for (auto _ : state) {
    // The transport hands over a body of its own; copying it here stands for receiving it and is
    // not counted.
    state.PauseTiming();
    std::string body;
    body.reserve(page.size() + 64);
    body = page;
    state.ResumeTiming();
    auto result = decoder.DecodeAfter(std::move(body), "9002026");
    if (!result.ok() || result->page.logs.size() != 100) {
      state.SkipWithError("the page was not decoded");
      break;
    }
    benchmark::DoNotOptimize(result);
  }
  state.SetItemsProcessed(state.iterations() * 100);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(page.size()));
}
BENCHMARK(BM_DecodePage)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace logexport::bench

BENCHMARK_MAIN();
