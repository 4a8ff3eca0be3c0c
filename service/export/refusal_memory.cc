#include "service/export/refusal_memory.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "service/base/hash.h"

namespace logexport {
namespace {

constexpr std::size_t kDigits = 16;

}  // namespace

std::string DestinationOf(const SegmentSettings& settings) {
  return Sha256Hex(absl::StrCat(settings.base_url, "\n", settings.write_key)).substr(0, kDigits);
}

RefusalMemory::RefusalMemory(std::string destination, std::string stored)
    : destination_(std::move(destination)),
      refused_before_(!stored.empty() && stored == destination_),
      refusing_(refused_before_),
      stored_(std::move(stored)) {}

void RefusalMemory::Refused() {
  MutexLock lock(&mutex_);
  refusing_ = true;
}

void RefusalMemory::Accepted() {
  MutexLock lock(&mutex_);
  refusing_ = false;
}

std::optional<std::string> RefusalMemory::ToStore() const {
  MutexLock lock(&mutex_);
  const std::string value = refusing_ ? destination_ : "";
  if (value == stored_) return std::nullopt;
  return value;
}

void RefusalMemory::Stored(absl::string_view value) {
  MutexLock lock(&mutex_);
  stored_ = std::string(value);
}

}  // namespace logexport
