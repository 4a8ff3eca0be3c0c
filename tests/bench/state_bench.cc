// What the store costs: a commit, with and without waiting for the disk, and reading reports when
// there are a million of them. LOGEXPORT_BENCH_RUNS changes that number.

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <benchmark/benchmark.h>

#include "service/base/clock.h"
#include "service/state/engines/open_store.h"
#include "service/state/store.h"

namespace logexport {
namespace {

// Removes the store it makes. A place in memory takes the disk out of the measurement.
class BenchStore {
 public:
  explicit BenchStore(const std::string& parent) : directory_(parent + "/logexport-bench-XXXXXX") {
    if (::mkdtemp(directory_.data()) == nullptr) {
      error_ = "cannot make " + directory_;
      return;
    }
    StoreOptions options;
    options.url = "sqlite:" + directory_ + "/store.db";
    auto store = OpenStore(options, RealClock());
    if (!store.ok()) {
      error_ = store.status().ToString();
      return;
    }
    store_ = *std::move(store);
    NewExporter exporter;
    exporter.record.id = "default";
    exporter.start = {Position::Kind::kAfter, "1", absl::UnixEpoch()};
    Check(store_->Write([&](Transaction& tx) { return tx.CreateExporter(exporter, false); }));
  }
  ~BenchStore() {
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  void Check(const absl::Status& status) {
    if (!status.ok() && error_.empty()) error_ = status.ToString();
  }

  Store& store() { return *store_; }
  const std::string& error() const { return error_; }

 private:
  std::string directory_;
  std::unique_ptr<Store> store_;
  std::string error_;
};

// Adds what users feel of a distribution to the mean that the library reports.
class Percentiles {
 public:
  template <typename Body>
  void Time(Body body) {
    const auto start = std::chrono::steady_clock::now();
    body();
    times_.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
            .count());
  }
  void Report(benchmark::State& state) {
    if (times_.empty()) return;
    std::sort(times_.begin(), times_.end());
    state.counters["p50_us"] = times_[times_.size() / 2];
    state.counters["p99_us"] = times_[times_.size() * 99 / 100];
    state.counters["max_us"] = times_.back();
  }

 private:
  std::vector<double> times_;
};

void Commit(benchmark::State& state, const std::string& parent) {
  BenchStore bench(parent);
  if (!bench.error().empty()) {
    state.SkipWithError(bench.error().c_str());
    return;
  }
  RunRecord run;
  run.run_id = "r1";
  run.exporter = "default";
  run.state = RunState::kRunning;
  run.epoch = bench.store().EpochOf("default");
  for (int i = 0; i < 40; ++i) {
    run.ledger.by_type[absl::StrCat("type", i)] = {1000 + i, 900, 100, i};
  }
  bench.Check(bench.store().Write([&](Transaction& tx) { return tx.AddRun(run).status(); }));
  std::int64_t version = 1;
  Percentiles percentiles;
  for (auto _ : state) {
    percentiles.Time([&] {
      run.ledger.logs.fetched += 2500;
      run.commit_version = version;
      ProgressCommit commit;
      commit.run = &run;
      commit.epoch = run.epoch;
      commit.expected_version = version++;
      commit.position = {Position::Kind::kAfter,
                         absl::StrCat("90020261123005102123000000000000000", version),
                         absl::UnixEpoch()};
      bench.Check(
          bench.store().Write([&](Transaction& tx) { return tx.CommitProgress(commit).status(); }));
    });
  }
  percentiles.Report(state);
  state.SetItemsProcessed(state.iterations());
  if (!bench.error().empty()) state.SkipWithError(bench.error().c_str());
}

void BM_CommitToDisk(benchmark::State& state) {
  Commit(state, std::filesystem::temp_directory_path().string());
}
BENCHMARK(BM_CommitToDisk)->Unit(benchmark::kMicrosecond)->UseRealTime();

void BM_CommitToMemory(benchmark::State& state) { Commit(state, "/dev/shm"); }
BENCHMARK(BM_CommitToMemory)->Unit(benchmark::kMicrosecond)->UseRealTime();

// A store with a million runs, made at its first use: one in 1,000 failed, one in 100 was started
// by hand, seven in ten found nothing, and all are five minutes apart.
class ManyRuns {
 public:
  static ManyRuns& Get() {
    static ManyRuns runs;
    return runs;
  }

  BenchStore bench{std::filesystem::temp_directory_path().string()};
  std::int64_t count = 1'000'000;

  absl::Time CreatedAt(std::int64_t run) const {
    return absl::FromUnixSeconds(1'500'000'000 + run * 300);
  }

 private:
  ManyRuns() {
    if (const char* const given = std::getenv("LOGEXPORT_BENCH_RUNS")) {
      count = std::strtoll(given, nullptr, 10);
    }
    for (std::int64_t i = 0; i < count && bench.error().empty();) {
      bench.Check(bench.store().Write([&](Transaction& tx) -> absl::Status {
        absl::Status status;
        for (const std::int64_t end = std::min(count, i + 20'000); i < end && status.ok(); ++i) {
          status = tx.AddRun(Make(i)).status();
        }
        return status;
      }));
    }
  }

  RunRecord Make(std::int64_t i) const {
    RunRecord run;
    run.run_id = absl::StrCat("01932b3c-0000-7000-8000-", 100'000'000'000 + i);
    run.exporter = "default";
    run.created = CreatedAt(i);
    run.started = run.created;
    run.ended = run.created + absl::Seconds(10);
    run.state = i % 1000 == 0 ? RunState::kFailed : RunState::kSucceeded;
    run.stop_reason = i % 1000 == 0 ? StopReason::kError : StopReason::kCaughtUp;
    run.trigger = i % 100 == 0 ? Trigger::kManual : Trigger::kSchedule;
    run.parameters.kind = i % 5000 == 0 ? RunKind::kDryRun : RunKind::kExport;
    if (run.state == RunState::kFailed) {
      run.error = RunError{"AUTH0", i % 2000 == 0 ? "AUTH0_UNAVAILABLE" : "AUTH0_RATE_LIMITED",
                           "it did not answer", "wait", true};
    }
    if (i % 10 >= 7) {
      run.ledger.logs.fetched = i % 997;
      run.ledger.by_type["s"] = {i % 997, i % 997, 0, 0};
      run.ledger.by_type["fp"] = {3, 3, 0, 0};
    }
    return run;
  }
};

struct Query {
  const char* name;
  std::function<void(RunFilter&, const ManyRuns&)> set;
};

std::vector<Query> Queries() {
  return {
      {"all", [](RunFilter&, const ManyRuns&) {}},
      {"failed", [](RunFilter& f, const ManyRuns&) { f.states = {RunState::kFailed}; }},
      {"succeeded", [](RunFilter& f, const ManyRuns&) { f.states = {RunState::kSucceeded}; }},
      {"cancelled_none", [](RunFilter& f, const ManyRuns&) { f.states = {RunState::kCancelled}; }},
      {"manual", [](RunFilter& f, const ManyRuns&) { f.triggers = {Trigger::kManual}; }},
      {"dry", [](RunFilter& f, const ManyRuns&) { f.kinds = {RunKind::kDryRun}; }},
      {"reason", [](RunFilter& f, const ManyRuns&) { f.error_reasons = {"AUTH0_UNAVAILABLE"}; }},
      {"min_logs_1", [](RunFilter& f, const ManyRuns&) { f.min_logs = 1; }},
      {"min_logs_990", [](RunFilter& f, const ManyRuns&) { f.min_logs = 990; }},
      {"min_logs_none", [](RunFilter& f, const ManyRuns&) { f.min_logs = 1'000'000; }},
      {"first_year",
       [](RunFilter& f, const ManyRuns& runs) { f.created_to = runs.CreatedAt(100'000); }},
      {"a_day_long_ago",
       [](RunFilter& f, const ManyRuns& runs) {
         f.created_from = runs.CreatedAt(runs.count / 2);
         f.created_to = runs.CreatedAt(runs.count / 2 + 288);
       }},
      {"failed_manual_with_logs",
       [](RunFilter& f, const ManyRuns&) {
         f.states = {RunState::kFailed, RunState::kCancelled};
         f.triggers = {Trigger::kManual};
         f.min_logs = 1;
       }},
  };
}

void RunQuery(benchmark::State& state, const Query& query, bool count) {
  ManyRuns& runs = ManyRuns::Get();
  RunFilter filter;
  filter.exporter = "default";
  query.set(filter, runs);
  Percentiles percentiles;
  std::int64_t found = 0;
  for (auto _ : state) {
    percentiles.Time([&] {
      runs.bench.Check(runs.bench.store().Read([&](Transaction& tx) -> absl::Status {
        if (count) {
          auto total = tx.CountRuns(filter);
          if (total.ok()) found = total->value;
          return total.status();
        }
        auto page = tx.ListRuns(filter, {.size = 50, .before = 0});
        if (page.ok()) found = static_cast<std::int64_t>(page->size());
        return page.status();
      }));
    });
  }
  percentiles.Report(state);
  state.counters["found"] = static_cast<double>(found);
  if (!runs.bench.error().empty()) state.SkipWithError(runs.bench.error().c_str());
}

[[maybe_unused]] const bool kRegistered = [] {
  for (const Query& query : Queries()) {
    for (const bool count : {false, true}) {
      benchmark::RegisterBenchmark(
          absl::StrCat(count ? "BM_CountRuns/" : "BM_ListRuns/", query.name).c_str(),
          [query, count](benchmark::State& state) { RunQuery(state, query, count); })
          ->Unit(benchmark::kMicrosecond)
          ->UseRealTime();
    }
  }
  return true;
}();

// What a store adds to the start of the service.
void BM_OpenExisting(benchmark::State& state) {
  const std::string parent = std::filesystem::temp_directory_path().string();
  std::string directory = parent + "/logexport-bench-XXXXXX";
  if (::mkdtemp(directory.data()) == nullptr) {
    state.SkipWithError("cannot make a directory");
    return;
  }
  StoreOptions options;
  options.url = "sqlite:" + directory + "/store.db";
  for (auto _ : state) {
    auto store = OpenStore(options, RealClock());
    if (!store.ok()) state.SkipWithError(store.status().ToString().c_str());
  }
  std::filesystem::remove_all(directory);
}
BENCHMARK(BM_OpenExisting)->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
}  // namespace logexport

BENCHMARK_MAIN();
