#include "service/auth0/tenant_log_source.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "service/auth0/log_reader.h"
#include "service/auth0/oversized_log.h"
#include "service/auth0/profile_source.h"
#include "service/auth0/start_search.h"
#include "service/auth0/young_logs.h"
#include "service/base/status_macros.h"

namespace logexport {
namespace {

// The most that Auth0 gives in one answer.
constexpr int kLargestTake = 100;

class Auth0LogSource final : public LogSource {
 public:
  Auth0LogSource(std::shared_ptr<Auth0Client> client, absl::Duration settle_delay,
                 bool probes_users)
      : client_(std::move(client)),
        reader_(client_),
        settle_delay_(settle_delay),
        probes_users_(probes_users) {}

  absl::StatusOr<Position> Resolve(const Position& position, const CallContext& context) override {
    return ResolveStart(position, &reader_, context);
  }

  std::unique_ptr<PageWalk> Walk(absl::string_view id, int take,
                                 const CallContext& context) override {
    return std::make_unique<TenantWalk>(*this, id, take, context);
  }

  absl::StatusOr<Page> ReadAfter(absl::string_view id, int take,
                                 const CallContext& context) override {
    return Read(id, take, context, /*ahead=*/nullptr);
  }

  absl::StatusOr<Page> ReadOne(absl::string_view id, const CallContext& context) override {
    ASSIGN_OR_RETURN(LogReader::Reading reading, reader_.One(id, context));
    if (reading.too_large) return OversizedLog(id);
    // Whatever it says, this is the log that was asked for.
    Page& page = reading.page;
    MarkDatedAhead(Now(), &page);
    Log& log = page.logs.front();
    if (log.defect == Log::Defect::kNoId) {
      log.defect = Log::Defect::kNone;
      log.id = page.strings.emplace_back(id);
      page.last_id = std::string(id);
    }
    return std::move(page);
  }

  absl::StatusOr<Page> Decode(std::string array) override {
    return reader_.DecodeArray(std::move(array));
  }

  absl::Duration WaitForBudget(RunLane lane) override { return client_->WaitForLogs(lane); }

  absl::Time Now() override { return client_->server_clock().Now(); }
  bool HasToldTime() override { return client_->server_clock().Known(); }
  absl::Duration ClockSkew() override { return client_->server_clock().Skew(); }
  absl::Duration ClockDisagreement(absl::Duration since) override {
    return client_->server_clock().Disagreement(since);
  }

  SourceCounters counters() override {
    SourceCounters counters;
    counters.api_calls = client_->requests();
    return counters;
  }

  RateBudget rate_budget() override { return client_->rate_budget(); }

  std::vector<SourceProbe> Probe(const CallContext& context) override {
    using Part = SourceProbe::Part;
    std::vector<SourceProbe> probes = {{Part::kToken, client_->ProbeToken(context)}};
    if (!probes.back().status.ok()) return probes;
    probes.push_back({Part::kLogs, reader_.Probe(context)});
    if (probes_users_) probes.push_back({Part::kUsers, ProbeUsers(client_.get(), context)});
    return probes;
  }

 private:
  class TenantWalk final : public PageWalk {
   public:
    TenantWalk(Auth0LogSource& source, absl::string_view from, int take, CallContext context)
        : source_(source), from_(from), take_(take), context_(std::move(context)) {}

    absl::StatusOr<Page> Next() override {
      ASSIGN_OR_RETURN(Page page, source_.Read(from_, take_, context_, &ahead_));
      if (!page.last_id.empty()) from_ = page.last_id;
      return page;
    }

   private:
    Auth0LogSource& source_;
    std::string from_;
    const int take_;
    const CallContext context_;
    LogReader::ReadAhead ahead_;
  };

  absl::StatusOr<Page> Read(absl::string_view id, int take, const CallContext& context,
                            LogReader::ReadAhead* ahead) {
    const std::string from(id);
    take = std::clamp(take, 1, kLargestTake);
    while (true) {
      const int ask = std::min(take, take_limit_.load(std::memory_order_relaxed));
      ASSIGN_OR_RETURN(LogReader::Reading reading,
                       reader_.After(from, ask, context, ahead,
                                     [this](absl::string_view last_id, absl::Duration asked) {
                                       const std::optional<absl::Time> time = TimeOfLogId(last_id);
                                       return !time || *time <= TimeAt(asked) - settle_delay_;
                                     }));
      if (!reading.too_large) {
        if (ask < kLargestTake) GrowTakeLimit(ask, reading.bytes);
        // What was read ahead is as old as its request.
        reading.page.as_of = TimeAt(reading.asked);
        return WithoutYoung(std::move(reading.page));
      }
      if (ask == 1) {
        ASSIGN_OR_RETURN(Page page, FindOversizedLog(from, &reader_, context));
        page.as_of = Now();
        return WithoutYoung(std::move(page));
      }
      take_limit_.store(ask / 2, std::memory_order_relaxed);
    }
  }

  // The source's time at a time of the clock's Monotonic.
  absl::Time TimeAt(absl::Duration monotonic) {
    return Now() - (client_->clock().Monotonic() - monotonic);
  }

  Page WithoutYoung(Page page) {
    if (page.logs.empty()) return page;
    const absl::Time now = Now();
    MarkDatedAhead(now, &page);
    if (settle_delay_ > absl::ZeroDuration()) {
      LeaveOutYoungLogs(*page.as_of - settle_delay_, now, &page);
    }
    return page;
  }

  // After pages that were too large, larger ones are tried again as soon as they would fit.
  void GrowTakeLimit(int ask, std::size_t bytes) {
    int limit = take_limit_.load(std::memory_order_relaxed);
    if (ask < limit || bytes > Auth0Client::Call().max_response_bytes / 2) return;
    take_limit_.compare_exchange_strong(limit, std::min(2 * limit, kLargestTake),
                                        std::memory_order_relaxed);
  }

  const std::shared_ptr<Auth0Client> client_;
  LogReader reader_;
  const absl::Duration settle_delay_;
  const bool probes_users_;
  // The most logs to ask for at once.
  std::atomic<int> take_limit_{kLargestTake};
};

}  // namespace

Auth0Sources MakeAuth0Sources(const Auth0Settings& settings, const ProfileSettings& profiles,
                              HttpTransport& transport, Clock& clock) {
  auto client =
      std::make_shared<Auth0Client>(settings, profiles.rate_share_percent, transport, clock);
  Auth0Sources sources;
  sources.logs = std::make_unique<Auth0LogSource>(client, settings.settle_delay, profiles.enabled);
  if (profiles.enabled) sources.profiles = MakeAuth0ProfileSource(profiles, client);
  return sources;
}

std::unique_ptr<LogSource> MakeAuth0LogSource(const Auth0Settings& settings,
                                              HttpTransport& transport, Clock& clock) {
  return MakeAuth0Sources(settings, ProfileSettings(), transport, clock).logs;
}

}  // namespace logexport
