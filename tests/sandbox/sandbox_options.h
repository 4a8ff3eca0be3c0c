#ifndef LOGEXPORT_TESTS_SANDBOX_SANDBOX_OPTIONS_H_
#define LOGEXPORT_TESTS_SANDBOX_SANDBOX_OPTIONS_H_

#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/clock.h"
#include "tests/sandbox/auth0/auth0_simulator.h"
#include "tests/sandbox/auth0/log_generator.h"
#include "tests/sandbox/http/listener.h"
#include "tests/sandbox/segment/segment_simulator.h"

namespace logexport::sandbox {

struct SandboxOptions {
  Listener::Options listen;
  Auth0Options auth0;
  SegmentOptions segment;

  // Logs made up at the start, spread over `span` from `start_time` on. Without a start time the
  // newest is a minute old.
  std::size_t generate = 0;
  std::optional<absl::Time> start_time;
  absl::Duration span = absl::Hours(24);
  // Logs that appear each second while it runs.
  double live_rate = 0;
  std::size_t users = 0;  // 0: one for every 20 logs, from 100 to 100,000
  std::size_t deleted_users_every = 50;
  LogGenerator::Options generator;

  // Added to the time of `clock` wherever a simulated service states the time.
  absl::Duration clock_offset = absl::ZeroDuration();
  Clock* clock = nullptr;  // null: the host's; must outlive the sandbox
};

// "https" if the sandbox has a certificate, else "http".
inline absl::string_view UrlScheme(const SandboxOptions& options) {
  return options.listen.tls_certificate.empty() ? "http" : "https";
}

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_SANDBOX_OPTIONS_H_
