#include "service/export/run_account.h"

namespace logexport {

void RunAccount::Warn(absl::string_view code, absl::string_view message, std::int64_t count) {
  MutexLock lock(&mutex_);
  const auto [it, added] = warnings_.try_emplace(
      std::string(code), RunWarning{std::string(code), std::string(message), count});
  if (!added) it->second.count += count;
}

void RunAccount::WarnTruncated() {
  Warn("TRUNCATED", "events had to be shortened to fit the limit of 32 KB, or the endpoint's own");
}

void RunAccount::TakeWarnings(const RunRecord& run) {
  for (const RunWarning& warning : run.warnings) Warn(warning.code, warning.message, warning.count);
}

void RunAccount::Fill(RunRecord* run) const {
  run->pages = pages.load();
  run->batches = batches.load();
  run->bytes_sent = bytes_sent.load();
  run->segment_calls = segment_calls.load();
  MutexLock lock(&mutex_);
  run->warnings.clear();
  for (const auto& [code, warning] : warnings_) run->warnings.push_back(warning);
}

}  // namespace logexport
