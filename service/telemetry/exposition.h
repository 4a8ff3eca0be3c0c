#ifndef LOGEXPORT_SERVICE_TELEMETRY_EXPOSITION_H_
#define LOGEXPORT_SERVICE_TELEMETRY_EXPOSITION_H_

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

#include "service/telemetry/instruments.h"

namespace logexport {

using MetricLabel = std::pair<absl::string_view, absl::string_view>;

// Collects the families of one scrape and writes them as Prometheus reads them (text format
// 0.0.4). Each family is added once, with its series; families stand in the order they are added.
class Exposition {
 public:
  Exposition();
  ~Exposition();

  // The type follows from the value. Names and labels are valid as they are.
  void Counter(absl::string_view name, absl::string_view help);
  void Gauge(absl::string_view name, absl::string_view help);
  void Histogram(absl::string_view name, absl::string_view help);

  // A series of the family that was added last.
  void Value(double value, std::initializer_list<MetricLabel> labels = {});
  void Value(const DurationHistogram& histogram, std::initializer_list<MetricLabel> labels = {});

  std::string Text() const;

 private:
  struct Families;
  const std::unique_ptr<Families> families_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_TELEMETRY_EXPOSITION_H_
