#include "service/export/settlement.h"

#include <algorithm>
#include <utility>

namespace logexport {

DeadLetter MakeDeadLetter(const Log& log, absl::string_view reason, absl::string_view message) {
  DeadLetter letter;
  letter.log_id = std::string(log.id);
  letter.log_type = std::string(log.type->code);
  letter.log_time = log.date;
  letter.reason = std::string(reason);
  letter.message = std::string(message);
  letter.raw = std::string(log.raw);
  return letter;
}

void Settlement::Track(std::shared_ptr<Batch> batch) {
  admitted_ += static_cast<std::int64_t>(batch->entries.size());
  const LogType* type = nullptr;
  std::int64_t* count = nullptr;
  for (const BatchEntry& entry : batch->entries) {
    if (entry.log->type != type) {
      type = entry.log->type;
      count = &admitted_by_type_[type->code];
    }
    ++*count;
  }
  open_.push_back(std::move(batch));
}

void Settlement::Fold(const Batch& batch, std::size_t begin, std::size_t end) {
  if (first_passed_.empty() && begin < end) {
    first_passed_ = std::string(batch.entries[begin].log->id);
  }
  // All of its pages were read when the first one was, or later.
  std::optional<absl::Time> read_at;
  if (!batch.pages.empty()) read_at = batch.pages.front()->as_of;
  const LogType* type = nullptr;
  LogCounts* counts = nullptr;
  for (std::size_t i = begin; i < end; ++i) {
    const BatchEntry& entry = batch.entries[i];
    if (entry.log->type != type) {
      type = entry.log->type;
      counts = &CountsOf(type->code);
    }
    LogCounts one{.fetched = 1};
    switch (entry.outcome) {
      case BatchEntry::Outcome::kAccepted:
        one.accepted = 1;
        ledger_.events_accepted += entry.events;
        break;
      case BatchEntry::Outcome::kFiltered:
        one.filtered = 1;
        ++ledger_.filtered_by_reason[std::string(entry.filter_reason)];
        break;
      case BatchEntry::Outcome::kRejected:
      case BatchEntry::Outcome::kRefused:
        one.dead_lettered = 1;
        break;
      case BatchEntry::Outcome::kPending:
        break;
    }
    *counts += one;
    ledger_.logs += one;
    if (settled_logs_.has_value() && entry.filter_reason != kOutsideWindow) {
      settled_logs_->Add(*entry.log, read_at);
    }
    if (collect_settled_ids_ && one.dead_lettered == 0) settled_ids_.emplace_back(entry.log->id);
    if (const std::optional<absl::Time> date = entry.log->credible_date()) {
      first_time_ = std::min(first_time_.value_or(*date), *date);
      last_time_ = std::max(last_time_.value_or(*date), *date);
    }
  }
  // Auth0 could not go on after a made-up id. A log without one is settled again if the run ends
  // before the next that has one, to the same dead letter.
  for (std::size_t i = end; i > begin; --i) {
    if (!batch.entries[i - 1].log->has_id()) continue;
    last_id_ = std::string(batch.entries[i - 1].log->id);
    break;
  }
  for (const auto& [entry, letter] : batch.dead_letters) {
    if (entry >= begin && entry < end) dead_letters_.push_back(letter);
  }
}

LogCounts& Settlement::CountsOf(absl::string_view type) {
  if (const auto known = counts_.find(type); known != counts_.end()) return *known->second;
  // The nodes of the ledger's map stay where they are.
  const auto entry = ledger_.by_type.try_emplace(std::string(type)).first;
  counts_.emplace(entry->first, &entry->second);
  return entry->second;
}

bool Settlement::Advance() {
  bool grew = false;
  while (CanAdvance()) {
    const Batch& batch = *open_.front();
    Fold(batch, folded_of_front_, batch.entries.size());
    grew = grew || folded_of_front_ < batch.entries.size();
    folded_of_front_ = 0;
    open_.pop_front();
  }
  return grew;
}

bool Settlement::AdvanceIntoPartial() {
  bool grew = Advance();
  if (open_.empty()) return grew;
  const Batch& batch = *open_.front();
  std::size_t end = folded_of_front_;
  for (; end < batch.entries.size(); ++end) {
    const BatchEntry::Outcome outcome = batch.entries[end].outcome;
    if (outcome == BatchEntry::Outcome::kPending) break;
    if (outcome == BatchEntry::Outcome::kRefused && !believes_refusals_) break;
  }
  if (end > folded_of_front_) {
    Fold(batch, folded_of_front_, end);
    folded_of_front_ = end;
    grew = true;
  }
  return grew;
}

std::string Settlement::FirstUnsettled() const {
  if (open_.empty()) return "";
  const Batch& batch = *open_.front();
  return folded_of_front_ < batch.entries.size()
             ? std::string(batch.entries[folded_of_front_].log->id)
             : "";
}

std::string Settlement::TakeFirstPassed() { return std::exchange(first_passed_, {}); }

std::vector<DeadLetter> Settlement::TakeDeadLetters() { return std::exchange(dead_letters_, {}); }

std::vector<std::string> Settlement::TakeSettledIds() { return std::exchange(settled_ids_, {}); }

std::vector<SettledLogs> Settlement::TakeSettledLogs() {
  return settled_logs_.has_value() ? settled_logs_->Take() : std::vector<SettledLogs>();
}

void Settlement::RevertRefused() {
  for (const std::shared_ptr<Batch>& batch : open_) {
    // The one that was refused too much is not settled, and its refusals are to be taken back, too.
    if (!batch->at_rest) continue;
    for (BatchEntry& entry : batch->entries) {
      if (entry.outcome != BatchEntry::Outcome::kRefused) continue;
      entry.outcome = BatchEntry::Outcome::kPending;
      batch->settled = false;
      batch->has_refused = false;
    }
  }
}

void Settlement::PassRefusals() {
  for (const std::shared_ptr<Batch>& batch : open_) {
    if (batch->at_rest) batch->has_refused = false;
  }
}

Ledger Settlement::Account(bool at_rest) const {
  Ledger account = ledger_;
  account.logs.fetched = admitted_;
  account.unsettled = admitted_ - ledger_.logs.settled();
  for (const auto& [type, admitted] : admitted_by_type_) account.by_type[type].fetched = admitted;
  std::size_t begin = folded_of_front_;
  for (const std::shared_ptr<Batch>& batch : open_) {
    for (std::size_t i = begin; i < batch->entries.size(); ++i) {
      const BatchEntry& entry = batch->entries[i];
      // The outcomes of a batch that is still being sent belong to its sender.
      if (!at_rest && !batch->settled) break;
      account.accepted_ahead += entry.outcome == BatchEntry::Outcome::kAccepted;
    }
    begin = 0;
  }
  return account;
}

}  // namespace logexport
