#ifndef LOGEXPORT_SERVICE_TELEMETRY_LABELLED_H_
#define LOGEXPORT_SERVICE_TELEMETRY_LABELLED_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace logexport {

// Instruments of one family whose label values are all known beforehand. They exist from the start,
// at 0, so that a rate over the first event is right. Immutable but for what is counted: looking
// one up takes no lock.
template <typename Instrument>
class Labelled {
 public:
  using Labels = std::vector<std::string>;

  template <typename... Args>
  void Make(Labels labels, const Args&... args) {
    std::string key = absl::StrJoin(labels, "\n");
    auto made = std::make_unique<Instrument>(args...);
    found_.emplace(std::move(key), made.get());
    all_.emplace_back(std::move(labels), std::move(made));
  }

  // Null for labels that were not made.
  Instrument* Find(std::initializer_list<absl::string_view> labels) const {
    const auto found = found_.find(absl::StrJoin(labels, "\n"));
    return found == found_.end() ? nullptr : found->second;
  }

  // In the order they were made.
  const std::vector<std::pair<Labels, std::unique_ptr<Instrument>>>& all() const { return all_; }

 private:
  std::vector<std::pair<Labels, std::unique_ptr<Instrument>>> all_;
  absl::flat_hash_map<std::string, Instrument*> found_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_TELEMETRY_LABELLED_H_
