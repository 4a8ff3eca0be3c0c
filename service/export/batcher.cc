#include "service/export/batcher.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace logexport {
namespace {

// A batch also ends with so many logs, and begins no further page after so many bytes of pages,
// whatever was filtered out of them: it keeps its pages in memory. One page alone may be larger.
constexpr std::size_t kMaxEntries = 5000;
constexpr std::size_t kMaxPageBytes = 4 << 20;
constexpr std::size_t kUsualEntries = 320;  // as many as fill a batch with events of 1.5 KB
// Room for the event that turns out not to fit in a batch any more. What is not used costs nothing:
// memory that was never written to is not there.
constexpr std::size_t kUsualEventBytes = 4 << 10;

}  // namespace

Batcher::Batcher(StageQueue& queue, SharedSettlement& settlement, FreeList<std::string>& buffers,
                 RunAccount& account, RunBudget& budget, const LogFilter& filter,
                 EventMapper& mapper, ProfilesAhead* profiles, BatcherOptions options)
    : queue_(queue),
      settlement_(settlement),
      buffers_(buffers),
      account_(account),
      budget_(budget),
      filter_(filter),
      mapper_(mapper),
      profiles_(profiles),
      options_(std::move(options)),
      open_(NewBatch()) {}

void Batcher::Run() {
  for (;;) {
    std::shared_ptr<const Page> page;
    // Logs that were all filtered need no sender: they are settled as they are.
    if (open_->event_count == 0 && !open_->entries.empty() && !HandOver()) break;
    const StageQueue::Next next = queue_.NextForMapper(!open_->entries.empty(), &page);
    if (next == StageQueue::Next::kPage) {
      if (!Take(page)) break;
    } else if (next == StageQueue::Next::kSlotFree) {
      if (!HandOver()) break;
    } else if (next == StageQueue::Next::kEnd) {
      HandOver();
      break;
    } else {
      break;
    }
  }
  if (profiles_ != nullptr) profiles_->End();
  if (!open_->entries.empty()) settlement_.Track(std::move(open_));
  queue_.EndMap();
}

bool Batcher::Take(const std::shared_ptr<const Page>& page) {
  std::size_t take = page->logs.size();
  bool enough = false;
  if (options_.max_logs > 0 && admitted_ + static_cast<std::int64_t>(take) >= options_.max_logs) {
    take = static_cast<std::size_t>(options_.max_logs - admitted_);
    enough = true;
  }
  const Profiles profiles = FindProfiles(*page);
  for (std::size_t i = 0; i < take; ++i) {
    if (i == 0 && open_->page_bytes >= kMaxPageBytes && !HandOver()) return false;
    if (open_->pages.empty() || open_->pages.back() != page) open_->pages.push_back(page);
    if (i == 0) open_->page_bytes += page->body.size();
    Add(page->logs[i], profiles);
    if (open_->events.size() > options_.limits.max_bytes ||
        open_->event_count > static_cast<std::int64_t>(options_.limits.max_events)) {
      if (!CutBeforeLast()) return false;
    } else if (Full() && !HandOver()) {
      return false;
    }
  }
  if (enough) {
    queue_.EndAtMaxLogs(/*cut=*/take < page->logs.size());
    HandOver();
    return false;
  }
  return true;
}

void Batcher::Add(const Log& log, const Profiles& profiles) {
  ++admitted_;
  BatchEntry entry{.log = &log};
  if (log.mended) {
    account_.Warn("INVALID_UTF8", "logs held invalid UTF-8, which was replaced by U+FFFD");
  }
  const bool outside_window =
      options_.window.has_value() && log.date.has_value() &&
      (*log.date < options_.window->start || *log.date >= options_.window->end);
  if (outside_window) {
    entry.filter_reason = kOutsideWindow;
  } else if (log.defect == Log::Defect::kNone) {
    entry.filter_reason = filter_.ReasonToSkip(log);
  }
  if (!entry.filter_reason.empty()) {
    entry.outcome = BatchEntry::Outcome::kFiltered;
    open_->entries.push_back(entry);
    return;
  }

  const Profile* profile = nullptr;
  if (const auto it = profiles.find(log.user_id); it != profiles.end()) profile = it->second.get();
  std::string& events = open_->events;
  const std::size_t before = events.size();
  if (before > 0) events += ',';
  entry.offset = static_cast<std::uint32_t>(events.size());
  event_sizes_.clear();
  const MapResult mapped = mapper_.Map(log, profile, &events, &event_sizes_);
  if (mapped.truncated) account_.WarnTruncated();
  switch (mapped.kind) {
    case MapResult::Kind::kMapped:
      entry.size = static_cast<std::uint32_t>(events.size()) - entry.offset;
      entry.events = static_cast<std::uint16_t>(mapped.events);
      open_->event_count += mapped.events;
      break;
    case MapResult::Kind::kFiltered:
      events.resize(before);
      entry.offset = static_cast<std::uint32_t>(before);
      entry.outcome = BatchEntry::Outcome::kFiltered;
      entry.filter_reason = mapped.reason;
      break;
    case MapResult::Kind::kRejected:
      events.resize(before);
      entry.offset = static_cast<std::uint32_t>(before);
      entry.outcome = BatchEntry::Outcome::kRejected;
      open_->dead_letters.emplace_back(open_->entries.size(),
                                       MakeDeadLetter(log, mapped.reason, mapped.message));
      break;
  }
  open_->entries.push_back(entry);
}

Profiles Batcher::FindProfiles(const Page& page) {
  if (profiles_ == nullptr) return {};
  ProfileSource::Answer answer = profiles_->Take(page);
  if (answer.missing > 0) {
    account_.Warn("PROFILES_UNAVAILABLE",
                  absl::StrCat("user profiles could not be read, their events were sent without: ",
                               answer.last_error.message()),
                  answer.missing);
  }
  return std::move(answer.profiles);
}

bool Batcher::Full() const {
  return open_->event_count >= static_cast<std::int64_t>(options_.limits.max_events) ||
         open_->entries.size() >= kMaxEntries;
}

std::shared_ptr<Batch> Batcher::NewBatch() {
  auto batch = std::make_shared<Batch>();
  batch->entries.reserve(kUsualEntries);
  batch->events = buffers_.Take().value_or(std::string());
  batch->events.clear();
  batch->events.reserve(options_.limits.max_bytes + kUsualEventBytes);
  return batch;
}

bool Batcher::HandOver() {
  if (open_->entries.empty()) return true;
  auto batch = std::exchange(open_, NewBatch());
  return Dispatch(std::move(batch));
}

bool Batcher::Dispatch(std::shared_ptr<Batch> batch) {
  if (batch->event_count == 0) {
    // Without events there is nothing to wait for: its logs are settled by being handed over.
    budget_.Progressed();
    buffers_.Give(std::exchange(batch->events, std::string()));
  } else if (!std::exchange(senders_started_, true)) {
    options_.start_senders();
  }
  return queue_.Dispatch(std::move(batch), options_.judge_refusals);
}

bool Batcher::CutBeforeLast() {
  BatchEntry last = open_->entries.back();
  // Whatever precedes it has no events: it is too large by itself.
  if (last.offset == 0) return HandOver();
  std::shared_ptr<Batch> rest = NewBatch();
  rest->events.append(open_->events, last.offset);
  rest->event_count = last.events;
  rest->pages.push_back(open_->pages.back());
  open_->events.resize(last.offset - 1);  // with the comma before it
  open_->event_count -= last.events;
  open_->entries.pop_back();
  last.offset = 0;
  rest->entries.push_back(last);
  std::swap(open_, rest);
  return Dispatch(std::move(rest));
}

}  // namespace logexport
