#include "tests/sandbox/faults/endpoint.h"

namespace logexport::sandbox {
namespace {

constexpr std::array<absl::string_view, kEndpoints> kNames = {
    "token",      "logs_checkpoint", "logs_search", "log",
    "users_read", "users_search",    "segment",     "slack"};

}  // namespace

absl::string_view EndpointName(Endpoint endpoint) {
  return kNames[static_cast<std::size_t>(endpoint)];
}

std::optional<EndpointSet> EndpointSet::FromName(absl::string_view name) {
  if (name == "all") return All();
  if (name == "logs") return kAnyLogs;
  if (name == "users") return kAnyUsers;
  for (std::size_t i = 0; i < kEndpoints; ++i) {
    if (kNames[i] == name) {
      return EndpointSet(static_cast<Endpoint>(i));
    }
  }
  return std::nullopt;
}

}  // namespace logexport::sandbox
