#ifndef LOGEXPORT_SERVICE_RUNS_EXPORTER_SHARE_H_
#define LOGEXPORT_SERVICE_RUNS_EXPORTER_SHARE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/state/members.h"
#include "service/telemetry/service_metrics.h"

namespace logexport {

// Which exporters this process takes and gives back, where several processes share a store. Nobody
// decides for all: each member works out its fair share from what the store says, takes what is
// free up to that, and gives back what rests beyond it. Used by one thread.
class ExporterShare {
 public:
  // Whether this process could execute the exporter's runs: it can read its secrets.
  using Capable = std::function<bool(const std::string& exporter)>;

  // All must outlive it.
  ExporterShare(Members& members, Clock& clock, ServiceMetrics& metrics, Capable capable)
      : members_(members), clock_(clock), metrics_(metrics), capable_(std::move(capable)) {}

  // One look at the store, and what follows from it.
  absl::Status Balance();

 private:
  struct Judged {
    std::int64_t config_version = 0;
    bool capable = false;
    absl::Duration at;
  };
  bool IsCapable(const Members::FreeExporter& free);
  absl::Status Take(const std::vector<Members::FreeExporter>& exporters);
  std::vector<Members::FreeExporter> ToTake(const Members::Situation& situation, std::int64_t owned,
                                            std::int64_t fair);
  // What was held for long enough.
  std::vector<std::string> Movable(const std::map<std::string, Members::Owned>& owned) const;

  Members& members_;
  Clock& clock_;
  ServiceMetrics& metrics_;
  const Capable capable_;
  std::map<std::string, Judged> judged_;
  // How often in a row an exporter was seen without an owner.
  std::map<std::string, int> seen_free_;
  // Since when each exporter is owned, by Clock::Monotonic.
  std::map<std::string, absl::Duration> held_since_;
  // Exporters that were given back and that nobody else took: others cannot, so they stay longer.
  std::map<std::string, absl::Duration> given_back_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_EXPORTER_SHARE_H_
