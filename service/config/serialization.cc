#include "service/config/serialization.h"

#include <cstddef>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include <google/protobuf/util/json_util.h>

#include "logexport/v1/config.pb.h"
#include "service/base/hash.h"
#include "service/base/mutex.h"
#include "service/config/schema.h"

namespace logexport {

std::string SerializeConfig(const v1::ExporterConfig& config) {
  v1::ExporterConfig normal = config;
  Normalize(&normal);
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  // Fails only for durations beyond 10,000 years, which validation has refused.
  const auto status = google::protobuf::util::MessageToJsonString(normal, &text, options);
  return status.ok() ? text : std::string();
}

namespace {

// The configurations parsed last. Nearly every call reads the current one, and Protobuf takes half
// a millisecond to read it from JSON.
class ParsedConfigs {
 public:
  std::optional<v1::ExporterConfig> Find(absl::string_view text) const {
    MutexLock lock(&mutex_);
    const auto found = configs_.find(text);
    if (found == configs_.end()) return std::nullopt;
    return found->second;
  }

  void Add(absl::string_view text, const v1::ExporterConfig& config) {
    MutexLock lock(&mutex_);
    if (configs_.size() >= kMost) configs_.clear();
    configs_.emplace(text, config);
  }

 private:
  static constexpr std::size_t kMost = 256;

  mutable Mutex mutex_;
  absl::flat_hash_map<std::string, v1::ExporterConfig> configs_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<v1::ExporterConfig> ParseStoredConfig(absl::string_view text) {
  static ParsedConfigs& parsed = *new ParsedConfigs;
  if (std::optional<v1::ExporterConfig> known = parsed.Find(text)) return *std::move(known);
  const std::string json(text);
  v1::ExporterConfig config;
  if (google::protobuf::util::JsonStringToMessage(json, &config).ok()) {
    parsed.Add(text, config);
    return config;
  }
  google::protobuf::util::JsonParseOptions lenient;
  lenient.ignore_unknown_fields = true;
  if (google::protobuf::util::JsonStringToMessage(json, &config, lenient).ok()) {
    return absl::FailedPreconditionError(
        "the stored configuration has settings that this version does not know; a newer version "
        "wrote it");
  }
  return absl::DataLossError("the stored configuration cannot be read");
}

std::string ConfigEtag(const ConfigVersion& version) {
  return absl::StrCat(version.version, "-",
                      Sha256Hex(absl::StrCat(version.exporter, "/", version.version, "/",
                                             absl::ToUnixMicros(version.created)))
                          .substr(0, 16));
}

}  // namespace logexport
