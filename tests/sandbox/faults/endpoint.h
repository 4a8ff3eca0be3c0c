#ifndef LOGEXPORT_TESTS_SANDBOX_FAULTS_ENDPOINT_H_
#define LOGEXPORT_TESTS_SANDBOX_FAULTS_ENDPOINT_H_

#include <array>
#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"

namespace logexport::sandbox {

// What a request asks for: the unit of counting, latency and faults.
enum class Endpoint {
  kToken,
  kLogsCheckpoint,
  kLogsSearch,
  kLog,
  kUsersRead,
  kUsersSearch,
  kSegment,
  kSlack,
};
inline constexpr std::size_t kEndpoints = 8;

// One value for each endpoint.
template <typename T>
class PerEndpoint {
 public:
  T& operator[](Endpoint endpoint) { return values_[static_cast<std::size_t>(endpoint)]; }
  const T& operator[](Endpoint endpoint) const {
    return values_[static_cast<std::size_t>(endpoint)];
  }

 private:
  std::array<T, kEndpoints> values_ = {};
};

class EndpointSet {
 public:
  constexpr EndpointSet() = default;
  constexpr EndpointSet(Endpoint endpoint)  // NOLINT(google-explicit-constructor)
      : bits_(1U << static_cast<unsigned>(endpoint)) {}
  static constexpr EndpointSet All() {
    EndpointSet all;
    all.bits_ = (1U << kEndpoints) - 1;
    return all;
  }
  // By name: one of token, logs_checkpoint, logs_search, log, users_read, users_search, segment,
  // slack; or logs, users (both kinds), or all.
  static std::optional<EndpointSet> FromName(absl::string_view name);

  constexpr bool Contains(Endpoint endpoint) const {
    return (bits_ & (1U << static_cast<unsigned>(endpoint))) != 0;
  }
  constexpr EndpointSet operator|(EndpointSet other) const {
    other.bits_ |= bits_;
    return other;
  }

 private:
  unsigned bits_ = 0;
};

inline constexpr EndpointSet kAnyLogs =
    EndpointSet(Endpoint::kLogsCheckpoint) | EndpointSet(Endpoint::kLogsSearch);
inline constexpr EndpointSet kAnyUsers =
    EndpointSet(Endpoint::kUsersRead) | EndpointSet(Endpoint::kUsersSearch);

// In the order of the enumeration.
absl::string_view EndpointName(Endpoint endpoint);

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_FAULTS_ENDPOINT_H_
