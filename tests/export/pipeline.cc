#include "tests/export/pipeline.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include <gtest/gtest.h>
#include <unistd.h>

#include "service/base/random.h"
#include "service/base/status_macros.h"
#include "service/state/engines/open_store.h"

namespace logexport {
namespace {

const LogType kLogin{"s", "Success Login", "Success Login", "auth.login.success", 1};

absl::Status Failed(Origin origin, FailureClass kind, FailureReason reason,
                    absl::string_view message) {
  Failure failure;
  failure.origin = origin;
  failure.kind = kind;
  failure.reason = reason;
  failure.message = std::string(message);
  failure.action = "Do something.";
  return MakeFailure(failure);
}

std::vector<std::string> IdsIn(absl::string_view events) {
  std::vector<std::string> ids;
  for (const absl::string_view event : absl::StrSplit(events, ',')) {
    absl::string_view id = event;
    EXPECT_TRUE(absl::ConsumePrefix(&id, "{\"id\":\"") && absl::ConsumeSuffix(&id, "\"}")) << event;
    ids.emplace_back(absl::StripTrailingAsciiWhitespace(id));
  }
  return ids;
}

class FakeWalk final : public PageWalk {
 public:
  FakeWalk(LogSource& source, absl::string_view from, int take)
      : source_(source), from_(from), take_(take) {}

  absl::StatusOr<Page> Next() override {
    ASSIGN_OR_RETURN(Page page, source_.ReadAfter(from_, take_, CallContext()));
    if (!page.last_id.empty()) from_ = page.last_id;
    return page;
  }

 private:
  LogSource& source_;
  std::string from_;
  const int take_;
};

// In memory where there is such a place: no test here takes the power away, and each commit waits
// for the disk.
std::string FolderForStores() {
  return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : ::testing::TempDir();
}

}  // namespace

absl::Status TransientFailure() {
  return Failed(Origin::kSegment, FailureClass::kTransient, FailureReason::kSegmentUnavailable,
                "503");
}
absl::Status RefusedBatch() {
  return Failed(Origin::kSegment, FailureClass::kPermanent, FailureReason::kSegmentRefusedBatch,
                "bad event");
}
absl::Status TooLarge() {
  return Failed(Origin::kSegment, FailureClass::kPermanent, FailureReason::kSegmentTooLarge, "413");
}
absl::Status BadKey() {
  return Failed(Origin::kSegment, FailureClass::kPermanent,
                FailureReason::kSegmentCredentialsRejected, "401");
}

void FakeTenant::AddLogs(int count) {
  MutexLock lock(&mutex_);
  for (int i = 0; i < count; ++i) ids_.push_back(absl::StrFormat("id%08d", ids_.size()));
}

std::vector<std::string> FakeTenant::ids() const {
  MutexLock lock(&mutex_);
  return ids_;
}

Page FakeTenant::PageOf(const std::vector<std::string>& ids) const {
  Page page;
  page.body.reserve(4096);
  page.body.assign(page_bytes, ' ');
  for (const std::string& id : ids) {
    page.strings.push_back(id);
    page.strings.push_back(
        absl::StrCat("{\"log_id\":\"", id, "\",\"text\":\"", std::string(log_bytes, 'x'), "\"}"));
    Log log;
    log.id = page.strings[page.strings.size() - 2];
    log.raw = page.strings.back();
    log.type = &kLogin;
    log.date = clock_.Now();
    page.logs.push_back(log);
    page.last_id = id;
  }
  return page;
}

absl::StatusOr<Position> FakeTenant::Resolve(const Position&, const CallContext&) {
  return Position{Position::Kind::kAfter, "id", {}};  // before the first one
}

std::unique_ptr<PageWalk> FakeTenant::Walk(absl::string_view id, int take, const CallContext&) {
  return std::make_unique<FakeWalk>(*this, id, take);
}

absl::StatusOr<Page> FakeTenant::ReadAfter(absl::string_view id, int take, const CallContext&) {
  const auto read = static_cast<int>(reads_++);
  if (before_read != nullptr) RETURN_IF_ERROR(before_read(read));
  std::vector<std::string> next;
  MutexLock lock(&mutex_);
  for (auto it = std::upper_bound(ids_.begin(), ids_.end(), std::string(id));
       it != ids_.end() && static_cast<int>(next.size()) < take; ++it) {
    next.push_back(*it);
  }
  Page page = PageOf(next);
  page.left_out_young = settle_horizon && !next.empty() && next.back() == ids_.back();
  return page;
}

absl::StatusOr<Page> FakeTenant::ReadOne(absl::string_view id, const CallContext&) {
  if (gone.contains(std::string(id))) {
    return Failed(Origin::kAuth0, FailureClass::kPermanent, FailureReason::kAuth0LogNotFound,
                  "404");
  }
  return PageOf({std::string(id)});
}

absl::StatusOr<Page> FakeTenant::Decode(std::string array) {
  decoded.push_back(array.size());
  std::vector<std::string> ids;
  for (absl::string_view part : absl::StrSplit(array, '"')) {
    if (absl::StartsWith(part, "id")) ids.emplace_back(part);
  }
  return PageOf(ids);
}

absl::Status FakeSegment::Send(absl::string_view events, std::int64_t count, int,
                               const CallContext&) {
  const std::vector<std::string> ids = IdsIn(events);
  EXPECT_EQ(static_cast<std::int64_t>(ids.size()), count);
  EXPECT_LE(ids.size(), batch_limits.max_events);
  EXPECT_LE(events.size(), batch_limits.max_bytes);
  int attempt = 0;
  {
    MutexLock lock(&mutex_);
    attempt = attempts_++;
  }
  if (before_accept != nullptr) RETURN_IF_ERROR(before_accept(attempt, ids));
  if (events.size() > largest_request) return TooLarge();
  {
    MutexLock lock(&mutex_);
    for (const std::string& id : ids) ++accepted_[id];
  }
  return before_answer != nullptr ? before_answer(attempt, ids) : absl::OkStatus();
}

std::optional<std::string> FakeSegment::Shorten(absl::string_view events,
                                                std::size_t max_bytes) const {
  constexpr absl::string_view kEnd = "\"}";
  const absl::string_view kept = events.substr(0, std::min(max_bytes, events.size()) - kEnd.size());
  if (!absl::EndsWith(kept, " ")) return std::nullopt;
  return absl::StrCat(kept, kEnd);
}

std::map<std::string, int> FakeSegment::accepted() const {
  MutexLock lock(&mutex_);
  return accepted_;
}

int FakeSegment::attempts() const {
  MutexLock lock(&mutex_);
  return attempts_;
}

MapResult FakeMapper::Map(const Log& log, const Profile*, std::string* out,
                          std::vector<std::uint32_t>* sizes) {
  if (before_map != nullptr) before_map();
  MapResult result;
  if (filter.contains(std::string(log.id))) {
    result.kind = MapResult::Kind::kFiltered;
    result.reason = "NO_USER";
    return result;
  }
  if (reject.contains(std::string(log.id))) {
    result.kind = MapResult::Kind::kRejected;
    result.reason = reject_reason;
    return result;
  }
  const auto blank = blanks.find(std::string(log.id));
  const std::string event = absl::StrCat(
      "{\"id\":\"", log.id, std::string(blank == blanks.end() ? 0 : blank->second, ' '), "\"}");
  *out += event;
  sizes->push_back(static_cast<std::uint32_t>(event.size()));
  result.events = 1;
  return result;
}

Pipeline::Pipeline(std::string store_url) {
  std::string name = FolderForStores() + "/pipelineXXXXXX";
  directory_ = mkdtemp(name.data());
  store_url_ =
      store_url.empty() ? absl::StrCat("sqlite:", directory_, "/state.db") : std::move(store_url);
  components_ = std::make_shared<ExporterComponents>();
  auto source = std::make_unique<FakeTenant>(clock);
  auto sink = std::make_unique<FakeSegment>();
  tenant = source.get();
  segment = sink.get();
  components_->source = std::move(source);
  components_->sink = std::move(sink);
  Reopen();
  NewExporter exporter;
  exporter.record.id = "default";
  exporter.record.created = clock.Now();
  exporter.config = "{}";
  const absl::Status created =
      store_->Write([&](Transaction& tx) { return tx.CreateExporter(exporter, /*revive=*/false); });
  EXPECT_TRUE(created.ok()) << created;
  OwnAll();
}

Pipeline::~Pipeline() {
  store_.reset();
  std::filesystem::remove_all(directory_);
}

void Pipeline::Reopen() {
  store_.reset();
  StoreOptions options;
  options.url = store_url_;
  options.fault = [this](absl::string_view operation) {
    return store_fault != nullptr ? store_fault(operation) : absl::OkStatus();
  };
  absl::StatusOr<std::unique_ptr<Store>> opened = OpenStore(options, clock);
  ASSERT_TRUE(opened.ok()) << opened.status();
  store_ = *std::move(opened);
  OwnAll();
}

// Where processes share the store, this one takes what is there, as its supervisor would.
void Pipeline::OwnAll() {
  Members* const members = store_->members();
  if (members == nullptr) return;
  const absl::StatusOr<Members::Situation> situation = members->Look(/*most_free=*/10);
  ASSERT_TRUE(situation.ok()) << situation.status();
  const absl::Status taken = members->Take(situation->free).status();
  ASSERT_TRUE(taken.ok()) << taken;
}

std::unique_ptr<ExportRun> Pipeline::Prepare(
    const std::function<void(RunRecord&, ExporterSettings&)>& adjust) {
  ExportRunInputs inputs;
  inputs.run.run_id = absl::StrCat("run", runs_++);
  inputs.run.exporter = "default";
  inputs.run.state = RunState::kRunning;
  inputs.run.created = clock.Now();
  inputs.run.started = clock.Now();
  inputs.run.epoch = store_->EpochOf("default");
  inputs.settings.auth0.batch_size = 10;
  inputs.settings.segment.max_in_flight = 3;
  if (adjust != nullptr) adjust(inputs.run, inputs.settings);
  const absl::Status added = store_->Write([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(inputs.checkpoint, tx.GetCheckpoint("default"));
    ASSIGN_OR_RETURN(const ExporterRecord record, tx.GetExporter("default"));
    inputs.refused_by = record.refused_by;
    inputs.run.checkpoint_before = inputs.checkpoint.position;
    inputs.run.checkpoint_after = inputs.checkpoint.position;
    ASSIGN_OR_RETURN(inputs.run, tx.AddRun(inputs.run));
    return absl::OkStatus();
  });
  EXPECT_TRUE(added.ok()) << added;
  inputs.components = components_;
  auto own_mapper = std::make_unique<FakeMapper>();
  own_mapper->reject = mapper.reject;
  own_mapper->filter = mapper.filter;
  own_mapper->reject_reason = mapper.reject_reason;
  own_mapper->before_map = mapper.before_map;
  own_mapper->blanks = mapper.blanks;
  inputs.mapper = std::move(own_mapper);
  commits.clear();
  return std::make_unique<ExportRun>(std::move(inputs),
                                     ExportRunEnvironment{.store = *store_,
                                                          .clock = clock,
                                                          .random = SystemRandom(),
                                                          .on_commit =
                                                              [this](const RunRecord& run) {
                                                                commits.push_back(run);
                                                                if (on_commit != nullptr)
                                                                  on_commit(run);
                                                              },
                                                          .watched = watched,
                                                          .commit_hold = commit_hold});
}

RunRecord Pipeline::Finish(ExportRunResult result) {
  const absl::Status recorded = store_->Write([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const RunRecord stored, tx.GetRun("default", result.run.run_id));
    result.TakeStored(stored.commit_version);
    return tx.UpdateRun(result.run);
  });
  EXPECT_TRUE(recorded.ok()) << recorded;
  EXPECT_TRUE(result.run.ledger.balanced());
  return std::move(result.run);
}

RunRecord Pipeline::Run(const std::function<void(RunRecord&, ExporterSettings&)>& adjust) {
  return Finish(Prepare(adjust)->Execute());
}

Checkpoint Pipeline::checkpoint() {
  Checkpoint checkpoint;
  const absl::Status read = store_->Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(checkpoint, tx.GetCheckpoint("default"));
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok()) << read;
  return checkpoint;
}

RunRecord Pipeline::Stored(const std::string& run_id) {
  RunRecord run;
  const absl::Status read = store_->Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(run, tx.GetRun("default", run_id));
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok()) << read;
  return run;
}

std::vector<DeadLetter> Pipeline::dead_letters() {
  std::vector<DeadLetter> letters;
  DeadLetterFilter filter;
  filter.exporter = "default";
  const absl::Status read = store_->Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(letters, tx.ListDeadLetters(filter, 10'000, ""));
    return absl::OkStatus();
  });
  EXPECT_TRUE(read.ok()) << read;
  return letters;
}

void Pipeline::MoveCheckpoint(const std::string& id) {
  const absl::Status moved = store_->Write([&](Transaction& tx) {
    return tx
        .SetCheckpoint("default", {Position::Kind::kAfter, id, {}}, clock.Now(), {"op", true, ""})
        .status();
  });
  EXPECT_TRUE(moved.ok()) << moved;
}

}  // namespace logexport
