#ifndef LOGEXPORT_TESTS_BENCH_BARE_CLIENT_H_
#define LOGEXPORT_TESTS_BENCH_BARE_CLIENT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

#include "tests/support/sandbox_process.h"

namespace logexport::bench {

// What it took to move the logs of a sandbox.
struct BareCost {
  double seconds = 0;
  // Of the threads that did it, and nothing else.
  double cpu_seconds = 0;
  std::int64_t requests = 0;
};

// The least that can do a part of the service's work: libcurl with nothing set that need not be,
// which looks into no byte but for the id that a page ends with. What it takes is the floor that
// the service's figures are held against, in the same run and on the same machine.
class BareClient {
 public:
  // Gets a token. `ca_file` is trusted when the sandbox serves HTTPS.
  static absl::StatusOr<BareClient> Make(const SandboxProcess& sandbox, const std::string& ca_file);

  // Reads all logs page by page, each page after the last id of the one before.
  absl::StatusOr<BareCost> WalkChain() const;

  // The same, and for each page a batch of as many events is sent by a second thread. The events
  // are always the same ones: those that the first page becomes.
  absl::StatusOr<BareCost> Relay() const;

 private:
  absl::StatusOr<std::string> FirstPageAsBatch() const;

  std::string url_;
  std::string ca_file_;
  std::string token_;
  std::string write_key_;
};

}  // namespace logexport::bench

#endif  // LOGEXPORT_TESTS_BENCH_BARE_CLIENT_H_
