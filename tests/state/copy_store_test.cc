// Copying a store from SQLite to PostgreSQL, with everything that a store can hold.

#include "service/state/engines/copy_store.h"

#include "absl/strings/str_cat.h"

#include "service/state/engines/open_store.h"
#include "tests/postgresql/postgresql_server.h"
#include "tests/state/store_contract.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;

class CopyStoreTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Store>> OpenUrl(const std::string& url) {
    StoreOptions options;
    options.url = url;
    return OpenStore(options, clock_);
  }
  absl::StatusOr<std::vector<CopiedTable>> Copy() {
    return CopyStore({path_, url_,
                      [](const SealedSecret& secret) -> absl::StatusOr<SealedSecret> {
                        SealedSecret fresh = secret;
                        fresh.key_id = "new";
                        return fresh;
                      },
                      clock_.Now()});
  }

  FakeClock clock_;
  TempDirectory directory_;
  const std::string path_ = directory_.File("store.db");
  const std::string url_ = PostgresqlServer::Shared().UrlOfFreshSchema();
};

TEST_F(CopyStoreTest, EveryRowComesAlongAsItWas) {
  constexpr int kRuns = 450;  // more than go to the server together
  DeadLetter letter = SomeDeadLetter("102");
  letter.raw = std::string("{\"a\":\"\0\xff\"}", 11);
  const LogIdHash hash = 0xff00000000000001;
  std::int64_t epoch = 0;
  {
    auto source = OpenUrl("sqlite:" + path_);
    ASSERT_THAT(source, IsOk());
    epoch = (*source)->EpochOf("default");
    ASSERT_THAT((*source)->Write([&](Transaction& tx) -> absl::Status {
      absl::Status status = tx.CreateExporter(SomeExporter("default"), false);
      status.Update(tx.CreateExporter(SomeExporter("gone"), false));
      status.Update(tx.DeleteExporter("gone", {"bob", true, "no longer"}));
      for (int i = 0; i < kRuns; ++i) {
        RunRecord run = SomeRun(absl::StrCat("r", i));
        run.epoch = epoch;
        run.state = i == 0 ? RunState::kRunning : RunState::kSucceeded;
        run.audit.reason = "it's";
        status.Update(tx.AddRun(run).status());
      }
      RunRecord run = SomeRun("r0");
      run.epoch = epoch;
      ProgressCommit commit;
      commit.run = &run;
      commit.epoch = epoch;
      commit.expected_version = 1;
      commit.position = {Position::Kind::kAfter, "103", absl::UnixEpoch()};
      commit.dead_letters = {letter};
      commit.remembers_from = "100";
      commit.settled = {{500'000, absl::Seconds(9), {{hash, 7}}}};
      status.Update(tx.CommitProgress(commit).status());
      OutboxMessage message;
      message.exporter = "default";
      message.payload = "{}";
      status.Update(tx.AddOutbox(message));
      status.Update(
          tx.SaveAnswer({"id", "method", "", "hash", std::string("\0answer", 7), clock_.Now()}));
      return status;
    }),
                IsOk());
    ASSERT_OK_AND_ASSIGN(const std::vector<CopiedTable> copied, Copy());
    std::int64_t runs = 0;
    for (const CopiedTable& table : copied) runs += table.name == "runs" ? table.rows : 0;
    EXPECT_EQ(runs, kRuns);
  }

  auto target = OpenUrl(url_);
  ASSERT_THAT(target, IsOk());
  OwnAll(**target);
  EXPECT_GT((*target)->EpochOf("default"), epoch);
  EXPECT_THAT((*target)->Write([&](Transaction& tx) -> absl::Status {
    EXPECT_THAT(tx.WasDeleted("gone"), IsOkAndHolds(true));
    auto checkpoint = tx.GetCheckpoint("default");
    EXPECT_THAT(checkpoint, IsOk());
    EXPECT_EQ(checkpoint->position.id, "103");
    EXPECT_EQ(checkpoint->version, 2);
    auto letters = tx.ListDeadLetters(DeadLettersOf("default"), 10, "");
    EXPECT_THAT(letters, IsOk());
    EXPECT_EQ(letters->front().raw, letter.raw);
    auto ids = tx.RememberedIds("default", absl::FromUnixSeconds(500'000LL * 3600),
                                absl::FromUnixSeconds(500'001LL * 3600));
    EXPECT_THAT(ids, IsOkAndHolds(std::vector<LogIdHash>{hash}));
    auto answer = tx.FindAnswer("id");
    EXPECT_THAT(answer, IsOk());
    EXPECT_EQ((*answer)->answer, std::string("\0answer", 7));
    // New rows are numbered behind the old ones.
    auto newest = tx.ListRuns(RunsOf("default"), {.size = 1, .before = 0});
    EXPECT_THAT(newest, IsOk());
    auto added = tx.AddRun(SomeRun("next"));
    EXPECT_THAT(added, IsOk());
    EXPECT_EQ(added->sequence, newest->front().sequence + 1);
    OutboxMessage message;
    message.exporter = "default";
    return tx.AddOutbox(message);
  }),
              IsOk());
}

TEST_F(CopyStoreTest, ATargetThatHoldsSomethingOrIsInUseIsRefusedAndTheSourceStays) {
  auto source = OpenUrl("sqlite:" + path_);
  ASSERT_THAT(source, IsOk());
  {
    auto target = OpenUrl(url_);
    ASSERT_THAT(target, IsOk());
    EXPECT_THAT(Copy(), StatusIs(absl::StatusCode::kAborted, HasSubstr("in use by")));
    ASSERT_THAT((*target)->Write([](Transaction& tx) {
      return tx.CreateExporter(SomeExporter("default"), false);
    }),
                IsOk());
  }
  EXPECT_THAT(Copy(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("holds something already")));
  source->reset();
  EXPECT_THAT(OpenUrl("sqlite:" + path_), IsOk());
}

TEST_F(CopyStoreTest, AStoreThatWasCopiedIsOpenedOnlyByWhoSaysSo) {
  {
    auto source = OpenUrl("sqlite:" + path_);
    ASSERT_THAT(source, IsOk());
    ASSERT_THAT(Copy(), IsOk());
  }
  EXPECT_THAT(OpenUrl("sqlite:" + path_),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("was copied to postgresql://")));
  StoreOptions options;
  options.url = "sqlite:" + path_;
  options.unmark_moved = true;
  EXPECT_THAT(OpenStore(options, clock_), IsOk());
  EXPECT_THAT(OpenUrl("sqlite:" + path_), IsOk());
}

}  // namespace
}  // namespace logexport
