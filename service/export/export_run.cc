#include "service/export/export_run.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "service/base/free_list.h"
#include "service/base/log_scope.h"
#include "service/base/status_macros.h"
#include "service/export/batcher.h"
#include "service/export/committer.h"
#include "service/export/failure.h"
#include "service/export/fetcher.h"
#include "service/export/filter.h"
#include "service/export/profiles_ahead.h"
#include "service/export/refusal_memory.h"
#include "service/export/retry_loop.h"
#include "service/export/run_account.h"
#include "service/export/run_budget.h"
#include "service/export/run_stop.h"
#include "service/export/sender.h"
#include "service/export/shared_settlement.h"
#include "service/export/stage_queue.h"

namespace logexport {
namespace {

// One page is mapped while the next waits; more would only use memory.
constexpr std::size_t kPagesAhead = 2;
// While users are looked up, the users of so many pages are.
constexpr std::size_t kPagesAheadWithProfiles = ProfilesAhead::kMostLookUps;
constexpr absl::Duration kTolerableSkew = absl::Seconds(5);

absl::Duration DurationOf(const ExportRunInputs& inputs) {
  const absl::Duration asked = inputs.run.parameters.max_duration;
  return asked > absl::ZeroDuration() ? asked : inputs.settings.run.max_duration;
}

std::int64_t MaxLogsOf(const ExportRunInputs& inputs) {
  const std::int64_t asked = inputs.run.parameters.max_logs;
  return asked > 0 ? asked : inputs.settings.run.max_logs;
}

}  // namespace

RunState EndStateOf(StopReason reason, std::int64_t settled) {
  switch (reason) {
    case StopReason::kCaughtUp:
    case StopReason::kMaxLogs:
    case StopReason::kTimeBudget:
      return RunState::kSucceeded;
    case StopReason::kRateLimited:
      return settled > 0 ? RunState::kSucceeded : RunState::kFailed;
    case StopReason::kCancelled:
    case StopReason::kShutdown:
      return RunState::kCancelled;
    case StopReason::kNone:
    case StopReason::kError:
    case StopReason::kLeaseLost:
    case StopReason::kCheckpointMoved:
    case StopReason::kInterrupted:
      return RunState::kFailed;
  }
  return RunState::kFailed;
}

struct ExportRun::Stages {
  Stages(ExportRunInputs in, ExportRunEnvironment env)
      : inputs(std::move(in)),
        environment(std::move(env)),
        lane(LaneOf(inputs.run.parameters.kind)),
        filter(inputs.settings.filter, inputs.settings.auth0.client_id),
        profiles(MakeProfilesAhead()),
        queue(stop, settlement, profiles == nullptr ? kPagesAhead : kPagesAheadWithProfiles,
              inputs.settings.segment.max_in_flight, OnPage()),
        budget(environment.clock, DurationOf(inputs), inputs.settings.run.max_stall),
        waits(environment.clock, account, environment.waits),
        retry(environment.clock, environment.random, budget, {}, &waits, environment.observer),
        calls_before(inputs.components->source->counters().api_calls),
        memory(environment.store, MakeMemoryOptions()),
        stretches(environment.store, inputs.run.exporter, inputs.settings.completeness,
                  inputs.settings.auth0.retention, inputs.settings.auth0.batch_size),
        fetcher(stop, queue, account, retry, budget, *inputs.components->source, environment.store,
                &stretches, MakeFetcherOptions()),
        batcher(queue, settlement, buffers, account, budget, filter, *inputs.mapper, profiles.get(),
                MakeBatcherOptions()),
        refusals(DestinationOf(inputs.settings.segment), inputs.refused_by),
        sender(stop, queue, settlement, buffers, refusals, account, retry, budget,
               environment.store, inputs.run.exporter, inputs.run.epoch,
               inputs.run.parameters.kind == RunKind::kDryRun ? nullptr
                                                              : inputs.components->sink.get(),
               Calls(stop.exchange_stop())),
        committer(
            stop, queue, settlement, refusals, retry, environment.store, environment.clock,
            inputs.run, inputs.checkpoint.version, memory, [this](RunRecord* run) { Fill(run); },
            environment.on_commit, environment.commit_hold, environment.watched) {
    account.TakeWarnings(inputs.run);
    if (inputs.run.parameters.kind == RunKind::kRedrive) {
      settlement.Read([](Settlement& all) { all.CollectSettledIds(); });
    }
    const RunKind kind = inputs.run.parameters.kind;
    if (inputs.settings.completeness.enabled && kind != RunKind::kDryRun &&
        kind != RunKind::kRedrive) {
      settlement.Read([](Settlement& all) { all.CollectSettledLogs(); });
    }
  }

  CallContext Calls(std::stop_token token) const { return {std::move(token), lane}; }

  std::unique_ptr<ProfilesAhead> MakeProfilesAhead() {
    ProfileSource* const source = inputs.components->profiles.get();
    if (source == nullptr) return nullptr;
    return std::make_unique<ProfilesAhead>(*source, filter, *inputs.mapper,
                                           Calls(stop.attempt_stop()));
  }

  StageQueue::OnPage OnPage() {
    if (profiles == nullptr) return nullptr;
    return [this](const std::shared_ptr<const Page>& page) { profiles->Begin(page); };
  }

  FetcherOptions MakeFetcherOptions() const {
    FetcherOptions options;
    options.exporter = inputs.run.exporter;
    options.parameters = inputs.run.parameters;
    options.take = inputs.settings.auth0.batch_size;
    options.retention = inputs.settings.auth0.retention;
    options.window_lateness = inputs.settings.completeness.window_lateness;
    options.calls = Calls(stop.fetch_stop());
    options.start = inputs.checkpoint.position;
    options.start_is_named = inputs.checkpoint.run_id.empty();
    // All logs until the latest of these have been read.
    for (const std::optional<absl::Time>& time :
         {inputs.checkpoint.log_time, TimeOfLogId(options.start.id), inputs.last_caught_up}) {
      if (time.has_value()) {
        options.complete_until = std::max(options.complete_until.value_or(*time), *time);
      }
    }
    if (inputs.run.parameters.window.has_value()) {
      options.start = {Position::Kind::kTime, "", inputs.run.parameters.window->start};
      options.start_is_named = false;
    }
    return options;
  }

  RunMemory::Options MakeMemoryOptions() const {
    RunMemory::Options options;
    const std::vector<absl::Duration> ages =
        AgesToReadAgain(inputs.settings.completeness, inputs.settings.auth0.retention);
    options.enabled = !ages.empty();
    if (!ages.empty()) options.greatest_age = ages.back();
    options.began_at = [this] { return fetcher.resolved(); };
    return options;
  }

  BatcherOptions MakeBatcherOptions() {
    BatcherOptions options;
    options.limits = inputs.components->sink->limits();
    options.max_logs = MaxLogsOf(inputs);
    options.window = inputs.run.parameters.window;
    options.start_senders = [this] {
      for (int i = 0; i < inputs.settings.segment.max_in_flight; ++i) {
        senders.emplace_back([this] {
          const LogScope scope(log_trace);
          sender.Run();
        });
      }
    };
    options.judge_refusals = [this] { sender.JudgeRefusalsSoFar(); };
    return options;
  }

  void Fill(RunRecord* run) {
    account.Fill(run);
    run->auth0_calls = inputs.components->source->counters().api_calls - calls_before;
    run->retries = retry.retries();
    run->limit_wait = budget.limit_wait();
  }

  void NoticeSkew() {
    const absl::Duration disagreement = inputs.components->source->ClockDisagreement(begun);
    if (disagreement > kTolerableSkew) {
      account.Warn("CLOCK_SKEW",
                   absl::StrCat("answers of Auth0 disagree about the time by ",
                                absl::FormatDuration(absl::Trunc(disagreement, absl::Seconds(1))),
                                "; the time that most of them tell was used. If this lasts, look "
                                "for a proxy that changes or caches answers"));
    }
    const absl::Duration skew = inputs.components->source->ClockSkew();
    if (absl::AbsDuration(skew) <= kTolerableSkew) return;
    account.Warn("CLOCK_SKEW",
                 absl::StrCat("the host's clock is ", absl::FormatDuration(absl::AbsDuration(skew)),
                              " ", skew > absl::ZeroDuration() ? "ahead of" : "behind",
                              " Auth0's; Auth0's time was used, set the host's clock"));
  }

  ExportRunInputs inputs;
  ExportRunEnvironment environment;
  const RunLane lane;
  // Of the thread that made the run; what its other threads log belongs to the same.
  const LogTrace log_trace = CurrentLogTrace();
  RunStop stop;
  SharedSettlement settlement;
  LogFilter filter;
  const std::unique_ptr<ProfilesAhead> profiles;  // null when they are off
  StageQueue queue;
  FreeList<std::string> buffers;
  RunAccount account;
  RunBudget budget;
  RunWaits waits;
  RetryLoop retry;
  const std::int64_t calls_before;
  const absl::Duration begun = environment.clock.Monotonic();
  RunMemory memory;
  StretchReader stretches;
  Fetcher fetcher;
  Batcher batcher;
  RefusalMemory refusals;
  Sender sender;
  Committer committer;
  std::vector<std::jthread> senders;  // started and joined by the thread that executes the run
};

ExportRun::ExportRun(ExportRunInputs inputs, ExportRunEnvironment environment)
    : stages_(std::make_unique<Stages>(std::move(inputs), std::move(environment))) {}

ExportRun::~ExportRun() = default;

void ExportRun::RequestStop(StopReason reason) { stages_->stop.StopAdmitting(reason); }

void ExportRun::Abandon() { stages_->stop.Abandon(); }

std::vector<RunWait> ExportRun::FillLive(RunRecord* run) const {
  stages_->Fill(run);
  return stages_->waits.Now();
}

ExportRunResult ExportRun::Execute() {
  Stages& s = *stages_;
  {
    const std::jthread fetching([&s] {
      const LogScope scope(s.log_trace);
      s.fetcher.Run();
    });
    const std::jthread committing([&s] {
      const LogScope scope(s.log_trace);
      s.committer.Run();
    });
    s.batcher.Run();
    s.senders.clear();
    s.sender.JudgeRefusals();
  }
  s.NoticeSkew();

  StopReason reason = s.stop.reason();
  absl::Status failure = s.stop.failure();
  if (reason == StopReason::kRateLimited && !failure.ok()) {
    s.account.Warn("RATE_LIMITED", failure.message());
  }
  if (const absl::Status rest = s.committer.CommitRest(s.fetcher.resolved()); !rest.ok()) {
    reason = StopReasonOfCommit(rest);
    failure = rest;
  }

  ExportRunResult result;
  const absl::Time ended = s.environment.clock.Now();
  const auto end = [&](RunRecord run) {
    s.Fill(&run);
    run.stop_reason = reason;
    run.state = EndStateOf(reason, run.ledger.logs.settled());
    if (run.state == RunState::kFailed) run.error = RunErrorOf(failure);
    run.ended = ended;
    return run;
  };
  result.run = end(s.committer.run());
  if (s.committer.in_doubt().has_value()) result.in_doubt = end(*s.committer.in_doubt());
  if (reason == StopReason::kCaughtUp) result.caught_up_at = s.fetcher.caught_up_at();
  if (result.run.parameters.kind == RunKind::kCompleteness) {
    result.passes = s.stretches.PassesAfter(result.run.ledger.logs.settled());
  }
  return result;
}

}  // namespace logexport
