#include "service/control/write_once.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logexport/v1/dead_letter.pb.h"
#include "logexport/v1/run.pb.h"
#include "service/control/api_error.h"
#include "service/state/engines/open_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

class WriteOnceTest : public ::testing::Test {
 protected:
  WriteOnceTest() {
    absl::StatusOr<std::unique_ptr<Store>> store =
        OpenStore({"sqlite:" + directory_.File("state.db"), {}}, clock_);
    EXPECT_THAT(store, IsOk());
    store_ = *std::move(store);
  }

  // The run's id is a new one each time the body runs.
  absl::StatusOr<std::string> Send(const std::string& request_id, const std::string& reason = "") {
    v1::RunNowRequest request;
    request.set_request_id(request_id);
    request.set_reason(reason);
    v1::RunNowResponse response;
    const absl::StatusOr<bool> ran =
        WriteOnce(*store_, clock_.Now(), {"tester", true}, request, &response, &changes_,
                  [&](Transaction&) -> absl::Status {
                    response.mutable_run()->set_run_id(std::to_string(++bodies_));
                    return absl::OkStatus();
                  });
    if (!ran.ok()) return ran.status();
    return response.run().run_id();
  }

  bool Remembers(const std::string& request_id) {
    bool found = false;
    EXPECT_THAT(store_->Read([&](Transaction& tx) -> absl::Status {
      const absl::StatusOr<std::optional<StoredAnswer>> answer = tx.FindAnswer(request_id);
      found = answer.ok() && answer->has_value();
      return answer.status();
    }),
                IsOk());
    return found;
  }

  TempDirectory directory_;
  FakeClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  std::unique_ptr<Store> store_;
  int bodies_ = 0;
  std::vector<AuditedChange> changes_ = {{"a", "b", "c"}};
};

TEST_F(WriteOnceTest, ARepeatedRequestGetsTheFirstAnswerForADay) {
  EXPECT_THAT(Send("nightly"), IsOkAndHolds("1"));
  EXPECT_THAT(Send("nightly"), IsOkAndHolds("1"));
  clock_.Advance(absl::Hours(24));
  EXPECT_THAT(Send("nightly"), IsOkAndHolds("1"));
  clock_.Advance(absl::Microseconds(1));
  EXPECT_THAT(Send("nightly"), IsOkAndHolds("2"));
  EXPECT_THAT(Send("nightly"), IsOkAndHolds("2"));
}

// One row for each write: not for a repetition, a check, or what was undone.
TEST_F(WriteOnceTest, AWriteIsInTheAuditOnce) {
  ASSERT_THAT(Send("one", "because"), IsOk());
  ASSERT_THAT(Send("one", "because"), IsOk());
  ASSERT_THAT(Send("", "again"), IsOk());
  EXPECT_FALSE(Send("one", "another").ok());
  v1::RunNowRequest failing;
  v1::RunNowResponse response;
  EXPECT_FALSE(WriteOnce(*store_, clock_.Now(), {"tester", true}, failing, &response, &changes_,
                         [](Transaction&) { return absl::AbortedError("no"); })
                   .ok());
  std::vector<AuditEntry> entries;
  ASSERT_THAT(store_->Read([&](Transaction& tx) -> absl::Status {
    auto read = tx.AuditFrom(1, 100);
    if (read.ok()) entries = *read;
    return read.status();
  }),
              IsOk());
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].method, "RunNow");
  EXPECT_EQ(entries[0].exporter, "default");
  EXPECT_EQ(entries[0].caller, "tester");
  EXPECT_TRUE(entries[0].verified);
  EXPECT_EQ(entries[0].request_id, "one");
  EXPECT_EQ(entries[0].reason, "because");
  EXPECT_EQ(entries[0].changes, changes_);
  EXPECT_EQ(entries[1].reason, "again");
}

TEST_F(WriteOnceTest, AnIdIsForOneRequest) {
  EXPECT_THAT(Send("nightly"), IsOk());
  EXPECT_EQ(ApiErrorOf(Send("nightly", "another").status()).reason, "REQUEST_ID_REUSED");
  EXPECT_EQ(bodies_, 1);
}

TEST_F(WriteOnceTest, ACheckWritesNothingAndItsIdDoesNotCount) {
  v1::PurgeDeadLettersRequest request;
  request.set_request_id("nightly");
  request.set_validate_only(true);
  v1::PurgeDeadLettersResponse response;
  const auto send = [&] {
    return WriteOnce(*store_, clock_.Now(), {"tester", true}, request, &response, &changes_,
                     [&](Transaction&) -> absl::Status {
                       ++bodies_;
                       return absl::OkStatus();
                     });
  };
  EXPECT_THAT(send(), IsOkAndHolds(false));
  EXPECT_THAT(send(), IsOkAndHolds(false));
  EXPECT_EQ(bodies_, 2);
  EXPECT_FALSE(Remembers("nightly"));
  request.set_validate_only(false);
  EXPECT_THAT(send(), IsOkAndHolds(true));
  EXPECT_THAT(send(), IsOkAndHolds(false));
  EXPECT_EQ(bodies_, 3);
}

TEST_F(WriteOnceTest, AnswersDoNotPileUp) {
  EXPECT_THAT(Send("old"), IsOk());
  clock_.Advance(absl::Hours(25));
  ASSERT_TRUE(Remembers("old"));
  EXPECT_THAT(Send("new"), IsOk());
  EXPECT_FALSE(Remembers("old"));
  EXPECT_TRUE(Remembers("new"));
}

}  // namespace
}  // namespace logexport
