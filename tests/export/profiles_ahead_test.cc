#include "service/export/profiles_ahead.h"

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/mutex.h"
#include "tests/support/gate.h"

namespace logexport {
namespace {

using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

const LogType kLogin{"s", "Success Login", "", "auth.login", 1};

// Answers with the user's id as the profile.
class FakeProfiles final : public ProfileSource {
 public:
  std::function<void(const std::vector<Request>& users, const CallContext& context)> before_answer;

  Answer Find(const std::vector<Request>& users, const CallContext& context) override {
    if (before_answer != nullptr) before_answer(users, context);
    Answer answer;
    MutexLock lock(&mutex_);
    for (const auto& [id, changed] : users) {
      answer.profiles[id] = std::make_shared<const Profile>(Profile{std::string(id)});
      changes_.emplace_back(id, changed);
    }
    return answer;
  }

  std::vector<std::pair<std::string, absl::Time>> asked() const {
    MutexLock lock(&mutex_);
    return changes_;
  }

 private:
  mutable Mutex mutex_;
  std::vector<std::pair<std::string, absl::Time>> changes_ ABSL_GUARDED_BY(mutex_);
};

// Logs with a date tell of a change.
class ProfileMapper final : public EventMapper {
 public:
  bool WantsProfile(const Log&) const override { return true; }
  bool TellsOfChange(const Log& log) const override { return log.date.has_value(); }
  MapResult Map(const Log&, const Profile*, std::string*, std::vector<std::uint32_t>*) override {
    return {};
  }
};

class ProfilesAheadTest : public testing::Test {
 protected:
  // One log for each user; the first is changed at `changed`.
  std::shared_ptr<const Page> PageOf(const std::vector<std::string>& users,
                                     std::optional<absl::Time> changed = std::nullopt) {
    auto page = std::make_shared<Page>();
    for (const std::string& user : users) {
      Log log;
      log.user_id = page->strings.emplace_back(user);
      log.id = page->strings.emplace_back(absl::StrCat("id", user));
      log.date = changed;
      changed.reset();
      log.type = &kLogin;
      page->logs.push_back(log);
    }
    return page;
  }

  FakeProfiles source_;
  LogFilter filter_{{}, ""};
  ProfileMapper mapper_;
  std::stop_source stop_;
  ProfilesAhead ahead_{source_, filter_, mapper_, {stop_.get_token()}};
};

TEST_F(ProfilesAheadTest, LooksUpSeveralPagesAtATimeAndGivesEachItsOwn) {
  std::array<Gate, ProfilesAhead::kMostLookUps> gates;
  std::atomic<std::size_t> asked = 0;
  source_.before_answer = [&](const auto&, const auto&) {
    // The last to ask lets all of them go.
    const std::size_t number = asked++;
    if (number + 1 == gates.size()) {
      for (Gate& gate : gates) gate.Open();
    }
    EXPECT_TRUE(gates[number % gates.size()].Wait());
  };
  std::vector<std::shared_ptr<const Page>> pages;
  for (std::size_t i = 0; i < gates.size(); ++i) {
    pages.push_back(PageOf({absl::StrCat("u", i)}));
    ahead_.Begin(pages.back());
  }
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const ProfileSource::Answer answer = ahead_.Take(*pages[i]);
    ASSERT_THAT(answer.profiles, SizeIs(1));
    EXPECT_EQ(answer.profiles.begin()->second->json, absl::StrCat("u", i));
  }
}

TEST_F(ProfilesAheadTest, AsksNobodyForAPageThatWantsNoProfile) {
  const auto page = PageOf({""});
  ahead_.Begin(page);
  EXPECT_THAT(ahead_.Take(*page).profiles, IsEmpty());
  EXPECT_THAT(source_.asked(), IsEmpty());
}

TEST_F(ProfilesAheadTest, LetsLaterPagesSeeTheChangesThatEarlierOnesTellOf) {
  const absl::Time changed = absl::FromUnixSeconds(1'795'392'000);
  const auto first = PageOf({"a"}, changed);
  const auto second = PageOf({"b", "a"});
  ahead_.Begin(first);
  ahead_.Begin(second);
  ahead_.Take(*first);
  ahead_.Take(*second);
  EXPECT_THAT(source_.asked(), UnorderedElementsAre(Pair("a", changed), Pair("a", changed),
                                                    Pair("b", absl::InfinitePast())));
}

TEST_F(ProfilesAheadTest, BreaksOffWhatIsNotTaken) {
  Gate asked;
  source_.before_answer = [&](const auto&, const CallContext& context) {
    Gate stopped;
    const std::stop_callback open(context.stop, [&] { stopped.Open(); });
    asked.Open();
    EXPECT_TRUE(stopped.Wait());
  };
  ahead_.Begin(PageOf({"a"}));
  ASSERT_TRUE(asked.Wait());
  ahead_.End();
  const auto late = PageOf({"b"});
  ahead_.Begin(late);
  EXPECT_THAT(source_.asked(), SizeIs(1));
}

TEST_F(ProfilesAheadTest, EndsWithTheRun) {
  Gate asked;
  source_.before_answer = [&](const auto&, const CallContext& context) {
    Gate stopped;
    const std::stop_callback open(context.stop, [&] { stopped.Open(); });
    asked.Open();
    EXPECT_TRUE(stopped.Wait());
  };
  const auto page = PageOf({"a"});
  ahead_.Begin(page);
  ASSERT_TRUE(asked.Wait());
  stop_.request_stop();
  ahead_.Take(*page);
}

}  // namespace
}  // namespace logexport
