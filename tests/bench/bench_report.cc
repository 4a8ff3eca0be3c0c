#include "tests/bench/bench_report.h"

#include <algorithm>
#include <fstream>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace logexport::bench {
namespace {

const char* OnOff(bool on) { return on ? "on" : "off"; }

std::string Line(const Measurement& m) {
  return absl::StrFormat(
      "%-10s %7d logs, %3d/%3d ms, %d in flight, profiles %-3s, gzip %-3s: %7.0f logs/s, "
      "%5.2f us CPU/log, %.3f of the chain, %.1f MB, %d + %d requests, %d commits",
      m.part, m.result.logs, m.fetch_ms, m.send_ms, m.options.max_in_flight,
      OnOff(m.options.profiles), OnOff(m.options.gzip), m.result.logs_per_second(),
      m.result.cpu_micros_per_log(), m.chain_ratio(), static_cast<double>(m.result.peak_kb) / 1024,
      m.result.auth0_requests, m.result.segment_requests, m.result.commits);
}

absl::Status Written(const std::ofstream& file, const std::string& path) {
  return file.good() ? absl::OkStatus() : absl::UnavailableError("cannot write " + path);
}

}  // namespace

void BenchReport::Add(const Measurement& measurement) {
  measurements_.push_back(measurement);
  std::cerr << Line(measurement) << std::endl;
}

void BenchReport::Add(const Verdict& verdict) {
  verdicts_.push_back(verdict);
  std::cerr << (verdict.met ? "  met:     " : "  NOT MET: ") << verdict.what << ": "
            << verdict.found << " (budget " << verdict.budget << ")" << std::endl;
}

bool BenchReport::all_met() const {
  return std::all_of(verdicts_.begin(), verdicts_.end(), [](const Verdict& v) { return v.met; });
}

absl::Status BenchReport::WriteCsv(const std::string& path) const {
  std::ofstream file(path);
  file << "part,logs,fetch_ms,send_ms,in_flight,profiles,gzip,tls,seconds,logs_per_s,chain_ratio,"
          "cpu_us_per_log,bare_cpu_us_per_log,peak_mb,auth0_requests,segment_requests,commits\n";
  for (const Measurement& m : measurements_) {
    file << absl::StrFormat(
        "%s,%d,%d,%d,%d,%s,%s,%s,%.3f,%.0f,%.3f,%.2f,%s,%.1f,%d,%d,%d\n", m.part, m.result.logs,
        m.fetch_ms, m.send_ms, m.options.max_in_flight, OnOff(m.options.profiles),
        OnOff(m.options.gzip), OnOff(!m.options.ca_file.empty()), m.result.seconds,
        m.result.logs_per_second(), m.chain_ratio(), m.result.cpu_micros_per_log(),
        m.bare_cpu_micros > 0 ? absl::StrFormat("%.2f", m.bare_cpu_micros) : "",
        static_cast<double>(m.result.peak_kb) / 1024, m.result.auth0_requests,
        m.result.segment_requests, m.result.commits);
  }
  return Written(file, path);
}

absl::Status BenchReport::WriteMarkdown(const std::string& path) const {
  std::ofstream file(path);
  file << "| budget | asked | measured | |\n|---|---|---|---|\n";
  for (const Verdict& v : verdicts_) {
    file << "| " << v.what << " | " << v.budget << " | " << v.found << " | "
         << (v.met ? "met" : "**not met**") << " |\n";
  }
  std::string part;
  for (const Measurement& m : measurements_) {
    if (m.part != part) {
      part = m.part;
      file << "\n"
           << part << ":\n\n"
           << "| logs | fetch/send ms | in flight | profiles | gzip | logs/s | of the chain | "
              "CPU µs/log | bare client | peak MB | Auth0 calls | batches | commits |\n"
              "|--:|--:|--:|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n";
    }
    file << absl::StrFormat(
        "| %d | %d/%d | %d | %s | %s | %.0f | %.3f | %.2f | %s | %.1f | %d | %d | %d |\n",
        m.result.logs, m.fetch_ms, m.send_ms, m.options.max_in_flight, OnOff(m.options.profiles),
        OnOff(m.options.gzip), m.result.logs_per_second(), m.chain_ratio(),
        m.result.cpu_micros_per_log(),
        m.bare_cpu_micros > 0 ? absl::StrFormat("%.2f", m.bare_cpu_micros) : "",
        static_cast<double>(m.result.peak_kb) / 1024, m.result.auth0_requests,
        m.result.segment_requests, m.result.commits);
  }
  return Written(file, path);
}

}  // namespace logexport::bench
