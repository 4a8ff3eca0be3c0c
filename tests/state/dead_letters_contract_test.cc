#include <vector>

#include "absl/strings/str_cat.h"

#include "tests/state/store_contract.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Ids(const absl::StatusOr<std::vector<DeadLetter>>& letters) {
  EXPECT_THAT(letters, IsOk());
  std::vector<std::string> ids;
  if (!letters.ok()) return ids;
  for (const DeadLetter& letter : *letters) ids.push_back(letter.log_id);
  return ids;
}

// Records letters through a commit of `run`, as all dead letters are.
absl::Status Record(Store& store, const RunRecord& run, std::vector<DeadLetter> letters,
                    std::vector<std::string> redriven = {}) {
  ProgressCommit commit;
  commit.run = &run;
  commit.epoch = run.epoch;
  commit.dead_letters = std::move(letters);
  commit.redriven = std::move(redriven);
  return store.Write([&](Transaction& tx) { return tx.CommitProgress(commit).status(); });
}

TEST_P(StoreContractTest, ADeadLetterKeepsEveryFieldOverAReopen) {
  const RunRecord run = AddRunningRun("r1");
  DeadLetter letter = SomeDeadLetter("102");
  letter.raw = std::string("{\"a\":\"\0\xff\"}", 10);
  ASSERT_THAT(Record(*store_, run, {letter}), IsOk());
  Reopen();
  ASSERT_OK_AND_ASSIGN(const std::vector<DeadLetter> letters, InRead([](Transaction& tx) {
                         return tx.ListDeadLetters(DeadLettersOf("default"), 10, "");
                       }));
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].exporter, "default");
  EXPECT_EQ(letters[0].log_id, "102");
  EXPECT_EQ(letters[0].log_type, letter.log_type);
  EXPECT_EQ(letters[0].log_time, letter.log_time);
  EXPECT_EQ(letters[0].reason, letter.reason);
  EXPECT_EQ(letters[0].message, letter.message);
  EXPECT_EQ(letters[0].raw, letter.raw);
  EXPECT_EQ(letters[0].run_id, "r1");
  EXPECT_EQ(letters[0].recorded, letter.recorded);
  EXPECT_EQ(letters[0].attempts, 1);
}

TEST_P(StoreContractTest, ALogIsADeadLetterOnceAndEachRunThatMeetsItIsAnAttempt) {
  const RunRecord first = AddRunningRun("r1");
  const RunRecord second = AddRunningRun("r2");
  DeadLetter letter = SomeDeadLetter("102");
  ASSERT_THAT(Record(*store_, first, {letter}), IsOk());
  ASSERT_THAT(Record(*store_, first, {letter}), IsOk());
  letter.reason = "OTHER";
  ASSERT_THAT(Record(*store_, second, {letter}), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::vector<DeadLetter> letters, InRead([](Transaction& tx) {
                         return tx.ListDeadLetters(DeadLettersOf("default"), 10, "");
                       }));
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].reason, "OTHER");
  EXPECT_EQ(letters[0].run_id, "r2");
  EXPECT_EQ(letters[0].attempts, 2);
}

TEST_P(StoreContractTest, ARedrivenLogIsNoDeadLetterAnyMore) {
  const RunRecord run = AddRunningRun("r1");
  ASSERT_THAT(
      Record(*store_, run, {SomeDeadLetter("101"), SomeDeadLetter("102"), SomeDeadLetter("103")}),
      IsOk());
  ASSERT_THAT(Record(*store_, run, {}, {"101", "103", "999"}), IsOk());
  EXPECT_THAT(Ids(InRead([](Transaction& tx) {
                return tx.ListDeadLetters(DeadLettersOf("default"), 10, "");
              })),
              ElementsAre("102"));
}

TEST_P(StoreContractTest, DeadLettersAreFiltered) {
  const RunRecord run = AddRunningRun("r1");
  std::vector<DeadLetter> letters;
  for (int i = 0; i < 6; ++i) {
    DeadLetter letter = SomeDeadLetter(absl::StrCat("10", i));
    letter.reason = i % 2 == 0 ? "EVEN" : "ODD";
    letter.log_type = i < 3 ? "low" : "high";
    letter.recorded = clock_.Now() + absl::Hours(i);
    letters.push_back(letter);
  }
  ASSERT_THAT(Record(*store_, run, letters), IsOk());

  struct Case {
    std::function<void(DeadLetterFilter&)> set;
    std::vector<std::string> expected;
  };
  const std::vector<Case> cases = {
      {[](DeadLetterFilter&) {}, {"100", "101", "102", "103", "104", "105"}},
      {[](DeadLetterFilter& f) {
         f.log_ids = {"104", "101", "999"};
       },
       {"101", "104"}},
      {[](DeadLetterFilter& f) { f.reasons = {"ODD"}; }, {"101", "103", "105"}},
      {[](DeadLetterFilter& f) { f.types = {"high"}; }, {"103", "104", "105"}},
      {[](DeadLetterFilter& f) {
         f.reasons = {"ODD", "NONE"}, f.types = {"low", "none"};
       },
       {"101"}},
      {[this](DeadLetterFilter& f) { f.recorded_from = clock_.Now() + absl::Hours(4); },
       {"104", "105"}},
      {[this](DeadLetterFilter& f) { f.recorded_to = clock_.Now() + absl::Hours(1); }, {"100"}},
      {[](DeadLetterFilter& f) { f.exporter = "other"; }, {}},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(i);
    DeadLetterFilter filter = DeadLettersOf("default");
    cases[i].set(filter);
    EXPECT_EQ(Ids(InRead([&](Transaction& tx) { return tx.ListDeadLetters(filter, 10, ""); })),
              cases[i].expected);
    EXPECT_THAT(InRead([&](Transaction& tx) { return tx.ListDeadLetterIds(filter, 10, ""); }),
                IsOkAndHolds(cases[i].expected));
    EXPECT_THAT(InRead([&](Transaction& tx) { return tx.CountDeadLetters(filter); }),
                IsOkAndHolds(std::int64_t(cases[i].expected.size())));
  }
  // What deletes sees the same letters as what lists.
  DeadLetterFilter filter = DeadLettersOf("default");
  filter.reasons = {"ODD"};
  filter.recorded_to = clock_.Now() + absl::Hours(4);
  EXPECT_THAT(InWrite([&](Transaction& tx) { return tx.DeleteDeadLetters(filter); }),
              IsOkAndHolds(2));
  EXPECT_THAT(Ids(InRead([](Transaction& tx) {
                return tx.ListDeadLetters(DeadLettersOf("default"), 10, "");
              })),
              ElementsAre("100", "102", "104", "105"));
}

TEST_P(StoreContractTest, DeadLettersAreCountedExactlyOrUpToABound) {
  const RunRecord run = AddRunningRun("r1");
  ASSERT_THAT(
      Record(*store_, run, {SomeDeadLetter("101"), SomeDeadLetter("102"), SomeDeadLetter("103")}),
      IsOk());
  const auto count = [this](std::int64_t most) {
    auto total = InRead(
        [&](Transaction& tx) { return tx.CountDeadLettersUpTo(DeadLettersOf("default"), most); });
    EXPECT_THAT(total, IsOk());
    return total.value_or(Total());
  };
  EXPECT_EQ(count(2).value, 2);
  EXPECT_FALSE(count(2).exact);
  EXPECT_EQ(count(3).value, 3);
  EXPECT_TRUE(count(3).exact);
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.CountDeadLetters(DeadLettersOf("default")); }),
              IsOkAndHolds(3));
}

TEST_P(StoreContractTest, DeadLettersArePagedByLogId) {
  const RunRecord run = AddRunningRun("r1");
  ASSERT_THAT(
      Record(*store_, run,
             {SomeDeadLetter("2"), SomeDeadLetter("10"), SomeDeadLetter("a"), SomeDeadLetter("A")}),
      IsOk());
  const auto page = [this](const std::string& after) {
    return Ids(InRead(
        [&](Transaction& tx) { return tx.ListDeadLetters(DeadLettersOf("default"), 2, after); }));
  };
  EXPECT_THAT(page(""), ElementsAre("10", "2"));  // bytewise
  EXPECT_THAT(page("2"), ElementsAre("A", "a"));
  EXPECT_THAT(page("a"), IsEmpty());
  EXPECT_THAT(InRead([](Transaction& tx) {
                return tx.ListDeadLetterIds(DeadLettersOf("default"), 2, "10");
              }),
              IsOkAndHolds(ElementsAre("2", "A")));
}

TEST_P(StoreContractTest, TheNewestDeadLettersArePagedByTheTimeTheyWereRecorded) {
  const RunRecord run = AddRunningRun("r1");
  const absl::Time noon = clock_.Now();
  const auto recorded = [&](const std::string& id, absl::Duration after) {
    DeadLetter letter = SomeDeadLetter(id);
    letter.recorded = noon + after;
    return letter;
  };
  ASSERT_THAT(Record(*store_, run,
                     {recorded("5", absl::Seconds(1)), recorded("1", absl::Seconds(3)),
                      recorded("3", absl::Seconds(2)), recorded("4", absl::Seconds(2)),
                      recorded("2", absl::ZeroDuration())}),
              IsOk());
  std::vector<std::string> ids;
  DeadLetterPlace behind;
  for (int pages = 0; pages < 10; ++pages) {
    const absl::StatusOr<std::vector<DeadLetter>> page = InRead([&](Transaction& tx) {
      return tx.ListNewestDeadLetters(DeadLettersOf("default"), 2, behind);
    });
    ASSERT_THAT(page, IsOk());
    if (page->empty()) break;
    for (const DeadLetter& letter : *page) ids.push_back(letter.log_id);
    behind = {page->back().recorded, page->back().log_id};
  }
  EXPECT_THAT(ids, ElementsAre("1", "4", "3", "5", "2"));
}

TEST_P(StoreContractTest, MessagesAreSentOldestFirstWhenTheyAreDue) {
  for (int i = 0; i < 3; ++i) {
    OutboxMessage message;
    message.exporter = "default";
    message.kind = "run_failed";
    if (i == 1) message.channel = NotificationChannel::kWebhook;
    message.payload = absl::StrCat("{\"n\":", i, "}");
    message.created = clock_.Now();
    message.next_attempt = clock_.Now() + absl::Minutes(2 - i);
    ASSERT_THAT(InWrite([&](Transaction& tx) { return tx.AddOutbox(message); }), IsOk());
  }
  Reopen();
  const auto due = [this](absl::Duration in) {
    auto messages = InRead([&](Transaction& tx) { return tx.DueOutbox(clock_.Now() + in, 10); });
    EXPECT_THAT(messages, IsOk());
    return messages.value_or(std::vector<OutboxMessage>());
  };
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.NextOutbox(); }),
              IsOkAndHolds(std::optional(clock_.Now())));
  EXPECT_THAT(due(-absl::Nanoseconds(1000)), IsEmpty());
  ASSERT_EQ(due(absl::ZeroDuration()).size(), 1u);
  const std::vector<OutboxMessage> all = due(absl::Minutes(2));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].payload, "{\"n\":0}");
  EXPECT_EQ(all[0].exporter, "default");
  EXPECT_EQ(all[0].kind, "run_failed");
  EXPECT_EQ(all[0].created, clock_.Now());
  EXPECT_EQ(all[0].next_attempt, clock_.Now() + absl::Minutes(2));
  EXPECT_EQ(all[0].attempts, 0);
  EXPECT_EQ(all[0].channel, NotificationChannel::kSlack);
  EXPECT_EQ(all[1].channel, NotificationChannel::kWebhook);
  EXPECT_EQ(all[2].payload, "{\"n\":2}");

  ASSERT_THAT(InWrite([&](Transaction& tx) {
                return tx.RescheduleOutbox(all[2].id, clock_.Now() + absl::Hours(1));
              }),
              IsOk());
  ASSERT_THAT(InWrite([&](Transaction& tx) { return tx.DeleteOutbox(all[0].id); }), IsOk());
  const std::vector<OutboxMessage> left = due(absl::Hours(1));
  ASSERT_EQ(left.size(), 2u);
  EXPECT_EQ(left[1].id, all[2].id);
  EXPECT_EQ(left[1].attempts, 1);
  EXPECT_EQ(due(absl::Minutes(30)).size(), 1u);
}

TEST_P(StoreContractTest, AMessageThatIsGoneIsNotFound) {
  EXPECT_THAT(InWrite([](Transaction& tx) { return tx.DeleteOutbox(1); }),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("message 1")));
  EXPECT_THAT(InWrite([&](Transaction& tx) { return tx.RescheduleOutbox(1, clock_.Now()); }),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("message 1")));
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.NextOutbox(); }), IsOkAndHolds(std::nullopt));
  OutboxMessage message;
  message.exporter = "other";
  EXPECT_THAT(InWrite([&](Transaction& tx) { return tx.AddOutbox(message); }),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("exporter")));
}

TEST_P(StoreContractTest, AnAnswerIsKeptByItsRequestUntilItIsPruned) {
  StoredAnswer answer{"q1", "RunNow", "alice", "hash", std::string("\0answer", 7), clock_.Now()};
  ASSERT_THAT(InWrite([&](Transaction& tx) { return tx.SaveAnswer(answer); }), IsOk());
  EXPECT_THAT(InWrite([&](Transaction& tx) { return tx.SaveAnswer(answer); }),
              StatusIs(absl::StatusCode::kAlreadyExists));
  Reopen();
  const auto find = [this](const std::string& id) {
    auto found = InRead([&](Transaction& tx) { return tx.FindAnswer(id); });
    EXPECT_THAT(found, IsOk());
    return found.value_or(std::nullopt);
  };
  const std::optional<StoredAnswer> found = find("q1");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->method, "RunNow");
  EXPECT_EQ(found->requester, "alice");
  EXPECT_EQ(found->body_hash, "hash");
  EXPECT_EQ(found->answer, answer.answer);
  EXPECT_EQ(found->created, answer.created);
  EXPECT_FALSE(find("q2").has_value());

  ASSERT_THAT(InWrite([&](Transaction& tx) { return tx.PruneAnswers(clock_.Now()); }), IsOk());
  EXPECT_TRUE(find("q1").has_value());
  ASSERT_THAT(InWrite([&](Transaction& tx) {
                return tx.PruneAnswers(clock_.Now() + absl::Microseconds(1));
              }),
              IsOk());
  EXPECT_FALSE(find("q1").has_value());
}

}  // namespace
}  // namespace logexport
