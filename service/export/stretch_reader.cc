#include "service/export/stretch_reader.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"

#include "service/base/status_macros.h"
#include "service/export/settled_log_collector.h"

namespace logexport {
namespace {

// Pieces of the memory looked at for one decision: two days of a tenant with 100,000 logs a day. Of
// a larger one the rest is looked at with the next decision.
constexpr int kPiecesAtOnce = 500;

}  // namespace

StretchReader::StretchReader(Store& store, std::string exporter, CompletenessSettings settings,
                             absl::Duration retention, int page)
    : store_(store), exporter_(std::move(exporter)), settings_(std::move(settings)) {
  view_.retention = retention;
  view_.page = page;
}

absl::Status StretchReader::Load(absl::Time now) {
  view_.now = now;
  std::optional<CompletenessRecord> record;
  RETURN_IF_ERROR(store_.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(record, tx.GetCompleteness(exporter_));
    ASSIGN_OR_RETURN(const Checkpoint checkpoint, tx.GetCheckpoint(exporter_));
    view_.checkpoint = checkpoint.position;
    return absl::OkStatus();
  }));
  if (!record.has_value()) {
    passes_.clear();
    return absl::OkStatus();
  }
  view_.floor = record->floor;
  passes_ = PassesFor(AgesToReadAgain(settings_, view_.retention),
                      loaded_ ? passes_ : record->passes, view_);
  if (!loaded_) NotePasses();
  loaded_ = true;
  return absl::OkStatus();
}

void StretchReader::NotePasses() {
  if (noted_.empty() || noted_.back().first != late_logs_) noted_.emplace_back(late_logs_, passes_);
  noted_.back().second = passes_;
}

absl::StatusOr<std::optional<StretchToRead>> StretchReader::NextDue(absl::Time now) {
  RETURN_IF_ERROR(Load(now));
  // The greatest age first: what is read for it is read for the smaller ones, too.
  for (auto pass = passes_.rbegin(); pass != passes_.rend(); ++pass) {
    for (;;) {
      std::vector<RememberedStretch> remembered;
      const absl::Time from = TimeOfLogId(pass->read_up_to).value_or(absl::UnixEpoch());
      RETURN_IF_ERROR(store_.Read([&](Transaction& tx) -> absl::Status {
        ASSIGN_OR_RETURN(remembered, tx.ListRemembered(exporter_, from, kPiecesAtOnce));
        return absl::OkStatus();
      }));
      StretchDecision decision = DecideStretch(*pass, view_, remembered);
      const bool moved = decision.read_up_to != pass->read_up_to;
      pass->read_up_to = std::move(decision.read_up_to);
      if (moved) NotePasses();
      if (decision.due.has_value()) return std::move(decision.due);
      if (!moved || remembered.size() < kPiecesAtOnce) break;
    }
  }
  return std::nullopt;
}

absl::Status StretchReader::KeepLate(const StretchToRead& stretch, Page* page) {
  const bool ended = page->logs.empty() || page->last_id >= stretch.until;
  std::vector<Log>& logs = page->logs;
  if (!logs.empty()) {
    absl::Time first = absl::InfiniteFuture();
    absl::Time last = absl::InfinitePast();
    for (const Log& log : logs) {
      const absl::Time time = TimeToRememberBy(log).value_or(absl::UnixEpoch());
      first = std::min(first, time);
      last = std::max(last, time);
    }
    // The checkpoint and what is remembered have to be of one moment: a run that moves the one adds
    // to the other in the same commit.
    Position checkpoint;
    std::optional<CompletenessRecord> record;
    absl::flat_hash_set<LogIdHash> remembered;
    RETURN_IF_ERROR(store_.Read([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const Checkpoint stored, tx.GetCheckpoint(exporter_));
      checkpoint = stored.position;
      ASSIGN_OR_RETURN(record, tx.GetCompleteness(exporter_));
      ASSIGN_OR_RETURN(const std::vector<LogIdHash> ids, tx.RememberedIds(exporter_, first, last));
      remembered.insert(ids.begin(), ids.end());
      return absl::OkStatus();
    }));
    const auto is_late = [&](const Log& log) {
      return record.has_value() && log.has_id() && checkpoint.kind == Position::Kind::kAfter &&
             log.id <= checkpoint.id && log.id > record->floor &&
             !remembered.contains(HashOfLogId(log.id));
    };
    logs.erase(
        std::remove_if(logs.begin(), logs.end(), [&](const Log& log) { return !is_late(log); }),
        logs.end());
  }
  late_logs_ += static_cast<std::int64_t>(logs.size());
  for (CompletenessPass& pass : passes_) {
    if (pass.age != stretch.age) continue;
    pass.read_up_to = std::max(pass.read_up_to, ended ? stretch.until : page->last_id);
  }
  NotePasses();
  return absl::OkStatus();
}

std::vector<CompletenessPass> StretchReader::PassesAfter(std::int64_t settled) const {
  std::vector<CompletenessPass> passes;
  for (const auto& [late_logs, at] : noted_) {
    if (late_logs <= settled) passes = at;
  }
  return passes;
}

}  // namespace logexport
