// The whole service against the sandbox: throughput beside a client that only walks the chain of
// pages, CPU time beside a client that only reads and sends, memory, requests and commits. Figures
// of one run are comparable with each other; between machines only ratios are.
//
//   export_bench [--full] [--only PART...] [--csv FILE] [--markdown FILE]
//
// Without --full a cut-down version of half a minute. The full one takes about five minutes: it
// runs the matrix of settings with fewer logs the slower the simulated services are (kMatrix), as a
// backlog takes pages × latency whatever its size. Exit status 1 if a budget is not met.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include <CLI/CLI.hpp>

#include "service/base/status_macros.h"
#include "service/http/curl_transport.h"
#include "tests/bench/bare_client.h"
#include "tests/bench/bench_report.h"
#include "tests/bench/service_trial.h"
#include "tests/support/sandbox_process.h"
#include "tests/support/tls_identity.h"

namespace logexport::bench {
namespace {

// Logs for each latency of the matrix, in milliseconds.
struct MatrixRow {
  int latency;
  int logs;
};
constexpr MatrixRow kMatrix[] = {{0, 50'000}, {10, 10'000}, {50, 5'000}, {200, 2'000}};

absl::StatusOr<std::unique_ptr<SandboxProcess>> StartSandbox(
    int logs, const std::vector<std::string>& more = {}) {
  std::vector<std::string> flags = {"--generate", absl::StrCat(logs), "--no-store-events"};
  flags.insert(flags.end(), more.begin(), more.end());
  return SandboxProcess::Start(flags);
}

absl::Status SetLatency(const SandboxProcess& sandbox, int fetch_ms, int send_ms) {
  RETURN_IF_ERROR(sandbox.Post("reset").status());
  return sandbox
      .Post("faults", absl::StrCat(R"({"latency_ms":{"logs":)", fetch_ms, R"(,"users":)", fetch_ms,
                                   R"(,"segment":)", send_ms, "}}"))
      .status();
}

absl::StatusOr<TrialResult> RunService(const SandboxProcess& sandbox, const TrialOptions& options) {
  ASSIGN_OR_RETURN(const auto trial, ServiceTrial::Start(sandbox, options));
  return trial->Run();
}

std::string Micros(double micros) { return absl::StrFormat("%.2f µs", micros); }

double Quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1,
                         static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

// What the service exports before it is measured.
constexpr int kWarmUp = 20'000;

// Of several runs the one with the median CPU time: another program on the machine spoils some.
absl::StatusOr<Measurement> MedianOf(int runs, const SandboxProcess& sandbox, int logs,
                                     const TrialOptions& options) {
  ASSIGN_OR_RETURN(const BareClient bare, BareClient::Make(sandbox, options.ca_file));
  std::vector<Measurement> measured;
  for (int i = 0; i < runs; ++i) {
    Measurement m;
    m.options = options;
    ASSIGN_OR_RETURN(const BareCost chain, bare.WalkChain());
    ASSIGN_OR_RETURN(const BareCost relay, bare.Relay());
    ASSIGN_OR_RETURN(const auto trial, ServiceTrial::Start(sandbox, options));
    ASSIGN_OR_RETURN(m.result, trial->Run(kWarmUp));
    m.chain_seconds = chain.seconds * static_cast<double>(m.result.logs) / logs;
    m.bare_cpu_micros = 1e6 * relay.cpu_seconds / logs;
    m.bare_logs_per_second = logs / relay.seconds;
    measured.push_back(m);
  }
  std::sort(measured.begin(), measured.end(), [](const Measurement& a, const Measurement& b) {
    return a.result.cpu_micros_per_log() < b.result.cpu_micros_per_log();
  });
  return measured[measured.size() / 2];
}

// The simulator's own ceiling, the loopback figures, and CPU time with and without TLS.
absl::Status MeasureLoopback(int logs, int runs, BenchReport* report) {
  ASSIGN_OR_RETURN(const auto sandbox, StartSandbox(logs));
  ASSIGN_OR_RETURN(Measurement plain, MedianOf(runs, *sandbox, logs, {}));
  plain.part = "loopback";
  report->Add(plain);
  const double ceiling = plain.bare_logs_per_second;
  const double reached = plain.result.logs_per_second();
  report->Add(
      {"loopback throughput", "≥ 100,000 logs/s, or bound by the simulator",
       absl::StrFormat("%.0f logs/s; a bare client that reads and sends: %.0f", reached, ceiling),
       reached >= 100'000 || reached >= 0.9 * ceiling});
  TrialOptions in_memory;
  in_memory.state_in_memory = true;
  ASSIGN_OR_RETURN(Measurement without_disk, MedianOf(runs, *sandbox, logs, in_memory));
  without_disk.part = "loopback, store in memory";
  report->Add(without_disk);
  report->Add(
      {"CPU per log, plain HTTP", "≤ 5 µs",
       absl::StrCat(Micros(plain.result.cpu_micros_per_log()), "; ",
                    Micros(without_disk.result.cpu_micros_per_log()),
                    " with the store in memory; the bare client ", Micros(plain.bare_cpu_micros)),
       plain.result.cpu_micros_per_log() <= 5});
  TrialOptions gzip;
  gzip.gzip = true;
  ASSIGN_OR_RETURN(Measurement zipped, MedianOf(1, *sandbox, logs, gzip));
  zipped.part = "loopback, gzip";
  report->Add(zipped);

  const std::string directory = std::filesystem::temp_directory_path() / "logexport-bench-XXXXXX";
  std::string made = directory;
  if (::mkdtemp(made.data()) == nullptr) return absl::UnavailableError("cannot make " + made);
  const TlsIdentity identity = MakeTlsIdentity();
  std::ofstream(made + "/cert.pem") << identity.certificate;
  std::ofstream(made + "/key.pem") << identity.key;
  ASSIGN_OR_RETURN(const auto secure, StartSandbox(logs, {"--tls-cert", made + "/cert.pem",
                                                          "--tls-key", made + "/key.pem"}));
  TrialOptions tls;
  tls.ca_file = made + "/cert.pem";
  ASSIGN_OR_RETURN(Measurement encrypted, MedianOf(runs, *secure, logs, tls));
  encrypted.part = "loopback, TLS";
  report->Add(encrypted);
  report->Add({"CPU per log, TLS", "≤ 2 × a bare client",
               absl::StrFormat("%.2f × (%s, %s)",
                               encrypted.result.cpu_micros_per_log() / encrypted.bare_cpu_micros,
                               Micros(encrypted.result.cpu_micros_per_log()),
                               Micros(encrypted.bare_cpu_micros)),
               encrypted.result.cpu_micros_per_log() <= 2 * encrypted.bare_cpu_micros});
  std::filesystem::remove_all(made);
  return absl::OkStatus();
}

absl::StatusOr<Measurement> BesideChain(const SandboxProcess& sandbox, int fetch_ms, int send_ms,
                                        const TrialOptions& options) {
  Measurement m;
  m.fetch_ms = fetch_ms;
  m.send_ms = send_ms;
  m.options = options;
  RETURN_IF_ERROR(SetLatency(sandbox, fetch_ms, send_ms));
  ASSIGN_OR_RETURN(const BareClient bare, BareClient::Make(sandbox, ""));
  ASSIGN_OR_RETURN(const BareCost chain, bare.WalkChain());
  m.chain_seconds = chain.seconds;
  ASSIGN_OR_RETURN(m.result, RunService(sandbox, options));
  return m;
}

absl::Status MeasureChain(int logs, int fetch_ms, int send_ms, BenchReport* report) {
  ASSIGN_OR_RETURN(const auto sandbox, StartSandbox(logs));
  ASSIGN_OR_RETURN(Measurement m, BesideChain(*sandbox, fetch_ms, send_ms, {}));
  m.part = "beside the chain";
  report->Add(m);
  report->Add(
      {absl::StrFormat("backlog of %d logs, %d ms fetch, %d ms send", logs, fetch_ms, send_ms),
       "≥ 0.95 of a bare chain walker", absl::StrFormat("%.3f", m.chain_ratio()),
       m.chain_ratio() >= 0.95});
  return absl::OkStatus();
}

absl::Status MeasureSizes(const std::vector<int>& sizes, BenchReport* report) {
  std::int64_t smallest = 0;
  std::int64_t largest = 0;
  for (const int logs : sizes) {
    ASSIGN_OR_RETURN(const auto sandbox, StartSandbox(logs));
    ASSIGN_OR_RETURN(Measurement m, BesideChain(*sandbox, 0, 0, {}));
    m.part = "backlog size";
    report->Add(m);
    if (logs == sizes.front()) smallest = m.result.peak_kb;
    largest = std::max(largest, m.result.peak_kb);
    if (logs != sizes.back()) continue;
    report->Add({"resident memory at any size", "≤ 64 MB",
                 absl::StrFormat("%.1f MB", static_cast<double>(largest) / 1024),
                 largest <= 64 << 10});
    report->Add(
        {absl::StrCat("memory, ", sizes.front(), " to ", sizes.back(), " logs"), "flat within 10 %",
         absl::StrFormat(
             "%+.1f %%",
             100 * (static_cast<double>(m.result.peak_kb) / static_cast<double>(smallest) - 1)),
         static_cast<double>(m.result.peak_kb) <= 1.1 * static_cast<double>(smallest)});
  }
  return absl::OkStatus();
}

absl::Status MeasureRequests(BenchReport* report) {
  // As many users as logs, so that most pages hold a hundred distinct ones.
  ASSIGN_OR_RETURN(const auto many,
                   StartSandbox(10'000, {"--users", "1000000", "--deleted-users-every", "0"}));
  for (const bool profiles : {false, true}) {
    TrialOptions options;
    options.profiles = profiles;
    RETURN_IF_ERROR(SetLatency(*many, 0, 0));
    ASSIGN_OR_RETURN(const TrialResult result, RunService(*many, options));
    // One for the token, one for the empty page.
    const double calls =
        static_cast<double>(result.auth0_requests - 2) / (static_cast<double>(result.logs) / 100);
    report->Add({absl::StrCat("Auth0 calls per 100 logs, profiles ", profiles ? "on" : "off"),
                 profiles ? "≤ 3" : "1", absl::StrFormat("%.2f", calls),
                 calls <= (profiles ? 3 : 1)});
  }
  return absl::OkStatus();
}

// Profiles of a hundred distinct users a page hide behind the chain of pages. Their ids have 30
// characters, as Auth0's own.
absl::Status MeasureProfiles(int logs, BenchReport* report) {
  ASSIGN_OR_RETURN(const auto sandbox,
                   StartSandbox(logs, {"--users", "1000000", "--deleted-users-every", "0"}));
  Measurement results[2];
  for (const bool profiles : {false, true}) {
    TrialOptions options;
    options.profiles = profiles;
    ASSIGN_OR_RETURN(results[profiles ? 1 : 0], BesideChain(*sandbox, 50, 50, options));
    results[profiles ? 1 : 0].part = "profiles of 100 users a page";
    report->Add(results[profiles ? 1 : 0]);
  }
  const double ratio = results[1].result.logs_per_second() / results[0].result.logs_per_second();
  report->Add({absl::StrFormat("backlog of %d logs with profiles, 50 ms a search", logs),
               "≥ 0.90 of the same run without profiles", absl::StrFormat("%.3f", ratio),
               ratio >= 0.90});
  return absl::OkStatus();
}

// What calls cost the export, and the export the calls: runs with and without in turn, each by a
// service of its own.
absl::Status MeasureCalls(int logs, int pairs, BenchReport* report) {
  constexpr double kCallsPerMinute = 10'000;
  ASSIGN_OR_RETURN(const auto sandbox, StartSandbox(logs));
  std::vector<double> ratios;
  std::vector<double> quiet_cpu;
  std::vector<double> busy_cpu;
  ControlLoadResult all;
  ControlLoadResult idle;
  for (int i = 0; i < pairs; ++i) {
    TrialResult results[2];
    // Whichever goes first may have it better: they take turns.
    for (const bool second : {false, true}) {
      const bool busy = second != (i % 2 == 1);
      ASSIGN_OR_RETURN(const auto trial, ServiceTrial::Start(*sandbox, {}));
      ASSIGN_OR_RETURN(results[busy ? 1 : 0], trial->Run(kWarmUp, busy ? kCallsPerMinute : 0));
      if (!busy) continue;
      ASSIGN_OR_RETURN(const ControlLoadResult calls,
                       trial->CallIdle(absl::Seconds(2), kCallsPerMinute));
      idle.Add(calls);
    }
    ratios.push_back(results[1].logs_per_second() / results[0].logs_per_second());
    quiet_cpu.push_back(results[0].cpu_micros_per_log());
    busy_cpu.push_back(results[1].cpu_micros_per_log());
    all.Add(results[1].load);
  }
  const double ratio = Quantile(ratios, 0.5);
  report->Add({"export rate with 10,000 calls a minute", "≥ 0.95 of that without",
               absl::StrFormat("median %.3f of %d pairs (%.3f to %.3f); CPU per log %s, %s without",
                               ratio, pairs, Quantile(ratios, 0), Quantile(ratios, 1),
                               Micros(Quantile(busy_cpu, 0.5)), Micros(Quantile(quiet_cpu, 0.5))),
               ratio >= 0.95});
  const double p99 = Quantile(all.read_millis, 0.99);
  report->Add({"reads, at 10,000 calls a minute during an export", "p99 ≤ 10 ms",
               absl::StrFormat("p50 %.2f ms, p99 %.2f ms of %d, without the export p50 %.2f ms, "
                               "p99 %.2f ms; writes p50 %.2f ms, p99 %.2f ms of %d",
                               Quantile(all.read_millis, 0.5), p99, all.read_millis.size(),
                               Quantile(idle.read_millis, 0.5), Quantile(idle.read_millis, 0.99),
                               Quantile(all.write_millis, 0.5), Quantile(all.write_millis, 0.99),
                               all.write_millis.size()),
               p99 <= 10});
  report->Add({"watch of a run at full speed", "every gap marked, the final report last",
               absl::StrFormat("%d messages, %d gaps marked, %d not", all.messages, all.lagged,
                               all.unmarked_gaps),
               all.final_last && all.unmarked_gaps == 0});

  ASSIGN_OR_RETURN(const auto trial, ServiceTrial::Start(*sandbox, {}));
  ASSIGN_OR_RETURN(const TrialResult busy, trial->Run(0, ControlLoad::kClosedLoop));
  report->Add(
      {"reads, one after the other during an export", "p99 ≤ 10 ms",
       absl::StrFormat("p50 %.2f ms, p99 %.2f ms of %d", Quantile(busy.load.read_millis, 0.5),
                       Quantile(busy.load.read_millis, 0.99), busy.load.read_millis.size()),
       Quantile(busy.load.read_millis, 0.99) <= 10});
  std::vector<double> starts;
  for (int i = 0; i < 5; ++i) {
    ASSIGN_OR_RETURN(const double millis, trial->Restart());
    starts.push_back(millis);
  }
  report->Add({"start to serving, existing store", "≤ 200 ms",
               absl::StrFormat("median %.0f ms of 5", Quantile(starts, 0.5)),
               Quantile(starts, 0.5) <= 200});
  return absl::OkStatus();
}

absl::Status MeasureMatrix(bool full, BenchReport* report) {
  for (const MatrixRow& row : kMatrix) {
    if (!full && row.latency > 10) continue;
    ASSIGN_OR_RETURN(const auto sandbox, StartSandbox(row.logs));
    for (const int in_flight : {1, 4}) {
      for (const bool profiles : {false, true}) {
        for (const bool gzip : {false, true}) {
          if (!full && gzip != profiles) continue;
          TrialOptions options;
          options.max_in_flight = in_flight;
          options.profiles = profiles;
          options.gzip = gzip;
          ASSIGN_OR_RETURN(Measurement m, BesideChain(*sandbox, row.latency, row.latency, options));
          m.part = "matrix";
          report->Add(m);
        }
      }
    }
  }
  return absl::OkStatus();
}

absl::Status MeasureChains(bool full, BenchReport* report) {
  if (!full) return MeasureChain(5'000, 50, 50, report);
  RETURN_IF_ERROR(MeasureChain(20'000, 50, 50, report));
  return MeasureChain(20'000, 200, 50, report);
}

const std::vector<std::string> kParts = {"loopback", "sizes",  "requests", "profiles",
                                         "calls",    "matrix", "chain"};

absl::Status Measure(const std::string& part, bool full, BenchReport* report) {
  if (part == "loopback") return MeasureLoopback(full ? 220'000 : 70'000, full ? 3 : 1, report);
  if (part == "sizes") {
    return MeasureSizes(full ? std::vector<int>{10'000, 30'000, 100'000, 300'000, 1'000'000}
                             : std::vector<int>{10'000, 100'000},
                        report);
  }
  if (part == "requests") return MeasureRequests(report);
  if (part == "profiles") return MeasureProfiles(full ? 20'000 : 3'000, report);
  if (part == "calls") return MeasureCalls(full ? 300'000 : 100'000, full ? 7 : 3, report);
  return part == "matrix" ? MeasureMatrix(full, report) : MeasureChains(full, report);
}

int Main(int argc, char** argv) {
  CLI::App app("Measures the service against the sandbox.");
  bool full = false;
  std::string csv;
  std::string markdown;
  std::vector<std::string> parts = kParts;
  app.add_flag("--full", full, "Everything, in about five minutes");
  app.add_option("--only", parts, "Only these parts")->check(CLI::IsMember(kParts));
  app.add_option("--csv", csv, "Write every measurement to this file");
  app.add_option("--markdown", markdown, "Write tables to this file");
  CLI11_PARSE(app, argc, argv);
  absl::Status status = InitHttp();
  BenchReport report;
  for (const std::string& part : parts) {
    if (status.ok()) status = Measure(part, full, &report);
  }
  if (status.ok() && !csv.empty()) status = report.WriteCsv(csv);
  if (status.ok() && !markdown.empty()) status = report.WriteMarkdown(markdown);
  if (!status.ok()) {
    std::cerr << "export_bench: " << status.message() << std::endl;
    return EXIT_FAILURE;
  }
  return report.all_met() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace logexport::bench

int main(int argc, char** argv) { return logexport::bench::Main(argc, argv); }
