// The adapter against the simulated tenant, over real connections.
#include "tests/sandbox/sandbox.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/auth0/failures.h"
#include "service/auth0/tenant_log_source.h"
#include "service/base/time_text.h"
#include "service/http/curl_transport.h"
#include "tests/auth0/tenant.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using sandbox::Endpoint;
using sandbox::Sandbox;
using sandbox::SandboxOptions;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class SandboxTest : public testing::Test {
 protected:
  void SetUp() override {
    options_.clock = &clock_;
    ASSERT_OK_AND_ASSIGN(http_, MakeCurlTransport(CurlOptions()));
  }

  void Start() {
    ASSERT_OK_AND_ASSIGN(sandbox_, Sandbox::Start(options_));
    Auth0Settings settings = TenantSettings();
    settings.base_url = sandbox_->url();
    settings.audience = absl::StrCat("https://", options_.auth0.domain, "/api/v2/");
    settings.client_id = options_.auth0.client_id;
    settings.client_secret = options_.auth0.client_secret;
    ProfileSettings profiles;
    profiles.enabled = true;
    sources_ = MakeAuth0Sources(settings, profiles, *http_, clock_);
  }

  Position Resolve(Position::Kind kind, absl::Time time = absl::Time()) {
    const auto position = sources_.logs->Resolve(Position{kind, "", time}, CallContext());
    EXPECT_THAT(position, IsOk());
    return position.value_or(Position());
  }

  // Reads on from `start` to the head, as a run does.
  std::vector<std::string> Walk(const Position& start) {
    std::vector<std::string> ids;
    if (start.kind == Position::Kind::kAt) ids.push_back(start.id);
    std::string from = start.id;
    while (true) {
      absl::StatusOr<Page> page = sources_.logs->ReadAfter(from, 100, CallContext());
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return ids;
      for (const Log& log : page->logs) {
        ids.emplace_back(log.id);
        if (log.defect == Log::Defect::kNone) {
          EXPECT_EQ(log.raw, sandbox_->LogById(log.id).value_or("(unknown)"));
        }
      }
      if (!page->last_id.empty()) from = page->last_id;
      if (page->logs.empty() || page->left_out_young) return ids;
    }
  }

  std::uint64_t requests_to(Endpoint endpoint) const {
    return sandbox_->stats().endpoints[endpoint].requests;
  }

  FakeClock clock_;
  SandboxOptions options_;
  std::unique_ptr<HttpTransport> http_;
  std::unique_ptr<Sandbox> sandbox_;
  Auth0Sources sources_;
};

TEST_F(SandboxTest, ReadsEveryLogOnceFromTheEarliestWithOneRequestPerHundred) {
  options_.generate = 1234;
  options_.generator.odd_rate = 0.3;
  Start();
  EXPECT_EQ(Walk(Resolve(Position::Kind::kEarliest)), sandbox_->LogIds());
  EXPECT_EQ(requests_to(Endpoint::kToken), 1u);
  EXPECT_EQ(requests_to(Endpoint::kLogsSearch), 1u);
  EXPECT_EQ(requests_to(Endpoint::kLogsCheckpoint), 14u);  // the last one empty
  EXPECT_EQ(sources_.logs->counters().api_calls, 16);
}

TEST_F(SandboxTest, ReadsEveryLogSinceATimeAndFewFromBefore) {
  options_.generate = 2000;
  Start();
  const std::vector<std::string> all = sandbox_->LogIds();
  const absl::Time time = clock_.Now() - absl::Hours(5);
  const std::vector<std::string> read = Walk(Resolve(Position::Kind::kTime, time));
  ASSERT_THAT(read, Not(IsEmpty()));
  ASSERT_LT(read.size(), all.size());
  EXPECT_GT(*TimeOfLogId(read.front()), time - absl::Minutes(2));
  // By date, not by id: nothing since then was left out.
  for (std::size_t i = 0; i < all.size() - read.size(); ++i) {
    ASSERT_OK_AND_ASSIGN(const Page page, sources_.logs->ReadOne(all[i], CallContext()));
    if (page.logs[0].date) {
      EXPECT_LT(*page.logs[0].date, time) << all[i];
    }
  }
}

TEST_F(SandboxTest, ReadsFromTheLatestOnlyWhatComesAfterIt) {
  options_.generate = 500;
  Start();
  const Position latest = Resolve(Position::Kind::kLatest);
  EXPECT_THAT(Walk(latest), IsEmpty());
  sandbox_->GenerateLogs(50, std::nullopt, absl::Seconds(20));
  clock_.Advance(absl::Minutes(10));
  EXPECT_THAT(Walk(latest), SizeIs(50));
}

TEST_F(SandboxTest, ReadsFromTheLatestAsOfATimeEverythingThatArrivedSince) {
  options_.generate = 3000;
  options_.span = absl::Minutes(20);  // many logs whose date and arrival lie on both sides
  Start();
  const absl::Time asked = clock_.Now() - absl::Minutes(7);
  std::vector<std::string> arrived_since;
  for (const std::string& id : sandbox_->LogIds()) {
    if (*TimeOfLogId(id) > asked) arrived_since.push_back(id);
  }
  const std::vector<std::string> read = Walk(Resolve(Position::Kind::kLatest, asked));
  EXPECT_EQ(read, arrived_since);
}

TEST_F(SandboxTest, ReadsATenantThatWasEmptyAtFirst) {
  Start();
  const Position beginning = Resolve(Position::Kind::kEarliest);
  EXPECT_FALSE(beginning.resolved());
  sandbox_->GenerateLogs(3, clock_.Now() - absl::Hours(1), absl::Minutes(1));
  EXPECT_THAT(Walk(Resolve(beginning.kind)), SizeIs(3));
}

// Logs that come after `latest` was asked for are new, whatever the clock of the host shows.
TEST_F(SandboxTest, WhatIsLatestIsAMatterOfTheServersClock) {
  for (const absl::Duration ahead : {absl::Minutes(10), -absl::Minutes(10)}) {
    options_.clock_offset = -ahead;
    Start();
    const absl::Time server_now = sandbox_->Now();
    sandbox_->AddLogs(LogJson(IdAt(server_now - absl::Minutes(2)),
                              FormatTimestamp(server_now - absl::Minutes(2))));
    std::string since;
    for (int i = 0; i < 20; ++i) {
      const absl::Time time = server_now + absl::Seconds(3 + i);
      absl::StrAppend(&since, LogJson(IdAt(time), FormatTimestamp(time)), "\n");
    }
    const absl::Time asked = clock_.Now();
    clock_.Advance(absl::Minutes(2));
    sandbox_->AddLogs(since);
    EXPECT_THAT(Walk(Resolve(Position::Kind::kLatest, asked)), SizeIs(20)) << ahead;
  }
}

TEST_F(SandboxTest, ReadsLogsWhoseIdsCarryNoTime) {
  Start();
  std::string logs;
  for (int i = 0; i < 250; ++i) {
    absl::StrAppend(&logs,
                    LogJson(absl::StrCat("4959000", 1000 + i),
                            FormatTimestamp(clock_.Now() - absl::Hours(9) + absl::Seconds(i))),
                    "\n");
  }
  ASSERT_EQ(sandbox_->AddLogs(logs).added, 250u);
  const Position earliest = Resolve(Position::Kind::kEarliest);
  EXPECT_EQ(earliest.kind, Position::Kind::kAt);
  EXPECT_EQ(Walk(earliest), sandbox_->LogIds());
  const Position later =
      Resolve(Position::Kind::kTime, clock_.Now() - absl::Hours(9) + absl::Seconds(200));
  EXPECT_EQ(Walk(later), sandbox_->LogIds(200));
}

TEST_F(SandboxTest, LeavesYoungLogsForLaterByTheServersClock) {
  options_.clock_offset = -absl::Hours(2);
  Start();
  const absl::Time server_now = sandbox_->Now();
  const std::string old = IdAt(server_now - absl::Seconds(30));
  const std::string young = IdAt(server_now - absl::Seconds(5));
  sandbox_->AddLogs(absl::StrCat(LogJson(old), "\n", LogJson(young)));
  const Position from_old = Position{Position::Kind::kAfter, old, {}};
  EXPECT_THAT(Walk({Position::Kind::kAfter, IdAt(server_now - absl::Hours(1)), {}}),
              ElementsAre(old));
  EXPECT_EQ(sources_.logs->ClockSkew(), absl::Hours(2));
  // A late one with a lower id is not jumped.
  const std::string late = IdAt(server_now - absl::Seconds(6));
  sandbox_->AddLogs(LogJson(late));
  clock_.Advance(absl::Seconds(10));
  EXPECT_THAT(Walk(from_old), ElementsAre(late, young));
}

TEST_F(SandboxTest, GoesOnWhenItsTokenIsRevoked) {
  options_.generate = 300;
  Start();
  const Position earliest = Resolve(Position::Kind::kEarliest);
  sandbox_->RevokeTokens();
  EXPECT_THAT(Walk(earliest), SizeIs(300));
  EXPECT_EQ(sandbox_->stats().auth0.tokens_issued, 2u);
}

TEST_F(SandboxTest, GoesOnAfterWhatAuth0NoLongerKeeps) {
  options_.generate = 300;
  Start();
  const std::vector<std::string> ids = sandbox_->LogIds();
  sandbox_->ExpireLogs(ids[149]);
  EXPECT_THAT(Walk({Position::Kind::kAfter, ids[10], {}}), SizeIs(150));
  EXPECT_THAT(sources_.logs->ReadOne(ids[10], CallContext()),
              IsFailure(FailureClass::kPermanent, FailureReason::kAuth0LogNotFound));
}

TEST_F(SandboxTest, PassesALogThatIsTooLarge) {
  options_.generate = 150;
  Start();
  const std::string large = IdAt(clock_.Now() - absl::Hours(1), 7);
  ASSERT_TRUE(sandbox_->AddRawLog(
      large, LogJson(large, FormatTimestamp(clock_.Now() - absl::Hours(1)),
                     absl::StrCat(R"("details":")", std::string(9 << 20, 'x'), "\""))));
  const Position earliest = Resolve(Position::Kind::kEarliest);
  EXPECT_EQ(Walk(earliest), sandbox_->LogIds());
  ASSERT_OK_AND_ASSIGN(const Page page, sources_.logs->ReadOne(large, CallContext()));
  EXPECT_EQ(page.logs[0].defect, Log::Defect::kTooLarge);
}

TEST_F(SandboxTest, LooksUpTheUsersOfAHundredLogsWithAtMostTwoRequests) {
  options_.users = 100;
  options_.deleted_users_every = 0;
  options_.generate = 1000;
  Start();
  std::vector<std::string> users;
  const std::vector<std::string> ids = sandbox_->LogIds();
  for (std::size_t i = 0; i < ids.size() && users.size() < 100; ++i) {
    ASSERT_OK_AND_ASSIGN(const Page page, sources_.logs->ReadOne(ids[i], CallContext()));
    const std::string user(page.logs[0].user_id);
    if (user.empty() || std::find(users.begin(), users.end(), user) != users.end()) continue;
    users.push_back(user);
  }
  std::vector<ProfileSource::Request> requests;
  for (const std::string& user : users) requests.push_back({.user_id = user});
  for (int round = 0; round < 2; ++round) {
    const ProfileSource::Answer answer = sources_.profiles->Find(requests, CallContext());
    EXPECT_THAT(answer.profiles, SizeIs(users.size()));
    EXPECT_EQ(answer.missing, 0) << answer.last_error;
  }
  EXPECT_GT(users.size(), 90u);
  EXPECT_LE(requests_to(Endpoint::kUsersSearch) + requests_to(Endpoint::kUsersRead), 2u);
}

TEST_F(SandboxTest, ProbesLogsAndUsers) {
  Start();
  const std::vector<SourceProbe> probes = sources_.logs->Probe(CallContext());
  EXPECT_THAT(probes, SizeIs(3));
  for (const SourceProbe& probe : probes) EXPECT_THAT(probe.status, IsOk());
}

TEST_F(SandboxTest, AProbeTellsWhichScopeIsMissing) {
  options_.auth0.scopes = {"read:logs"};
  Start();
  const std::vector<SourceProbe> probes = sources_.logs->Probe(CallContext());
  ASSERT_THAT(probes, SizeIs(3));
  EXPECT_THAT(probes[1].status, IsOk());
  EXPECT_THAT(probes[2].status,
              IsFailure(FailureClass::kPermanent, FailureReason::kAuth0Forbidden));
  EXPECT_THAT(FailureOf(probes[2].status).action, testing::HasSubstr("read:users"));
}

TEST_F(SandboxTest, IsNeverRefusedWhenItWaitsAsItsBudgetSays) {
  options_.generate = 3000;
  options_.auth0.logs_rate_limit = {10, 100.0 / 60};  // as on a self-service plan
  Start();
  std::string from = Resolve(Position::Kind::kEarliest).id;
  for (bool more = true; more;) {
    clock_.Advance(sources_.logs->WaitForBudget(RunLane::kMain));
    ASSERT_OK_AND_ASSIGN(const Page page, sources_.logs->ReadAfter(from, 100, CallContext()));
    more = !page.logs.empty();
    from = page.last_id;
    // The reserve: one of ten.
    EXPECT_GE(sources_.logs->rate_budget().remaining, 1);
  }
  EXPECT_EQ(sandbox_->stats().auth0.rate_limited, 0u);
}

}  // namespace
}  // namespace logexport
