#include "client/cli/completion.h"

#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/shell_word.h"
#include "tests/client/cli_fixture.h"
#include "tests/client/fake_service.h"
#include "tests/support/paths.h"

namespace logexport::cli {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class CompletionTest : public SchemaFixture {
 protected:
  std::vector<std::string> Words(const std::vector<std::string>& words) {
    std::vector<std::string> result;
    for (const Candidate& candidate : Complete(*schema_, words, context_.environment, live_)) {
      result.push_back(candidate.word);
    }
    return result;
  }
  LiveValues live_;
};

TEST_F(CompletionTest, CompletesCommands) {
  EXPECT_THAT(Words({"run"}), ElementsAre("run", "run-now"));
  EXPECT_THAT(Words({""}), AllOf(Contains("run-now"), Contains("help"), Not(Contains("run"))));
  EXPECT_THAT(Words({"--server", "x", "get-st"}), ElementsAre("get-status"));
  EXPECT_THAT(Words({"help", "watch-r"}), ElementsAre("watch-run"));
  EXPECT_THAT(Words({"completion", ""}), ElementsAre("bash", "fish", "zsh"));
}

TEST_F(CompletionTest, CompletesFlagsOfTheCommand) {
  EXPECT_THAT(Words({"run-now", "--max"}), ElementsAre("--max-duration", "--max-logs"));
  EXPECT_THAT(Words({"run-now", "--window."}), ElementsAre("--window.end", "--window.start"));
  EXPECT_THAT(Words({"run-now", "--wa"}), ElementsAre("--wait"));
  EXPECT_THAT(Words({"get-status", "--wa"}), IsEmpty());
  EXPECT_THAT(
      Words({"configure", "--segment.write"}),
      ElementsAre("--segment.write-key", "--segment.write-key-env", "--segment.write-key-file"));
  EXPECT_THAT(Words({"configure", "--no-slack"}), ElementsAre("--no-slack.send-success"));
  EXPECT_THAT(Words({"--tls"}), ElementsAre("--tls-ca", "--tls-cert", "--tls-key"));
}

TEST_F(CompletionTest, CompletesValues) {
  EXPECT_THAT(Words({"run-now", "--on-active", ""}), ElementsAre("join", "queue", "reject"));
  EXPECT_THAT(Words({"run-now", "--on-active=j"}), ElementsAre("--on-active=join"));
  EXPECT_THAT(Words({"reports", "--states", "failed,ru"}), ElementsAre("failed,running"));
  EXPECT_THAT(Words({"status", "-o", "y"}), ElementsAre("yaml"));
  EXPECT_THAT(Words({"configure", "--clear", "schedule"}),
              ElementsAre("schedule", "schedule.catch_up", "schedule.cron", "schedule.jitter",
                          "schedule.time_zone"));
  EXPECT_THAT(Words({"reports", "--columns", "run_id,sta"}),
              ElementsAre("run_id,start_time", "run_id,state"));
}

TEST_F(CompletionTest, KnowsTheReasonsThatThereAre) {
  EXPECT_THAT(Words({"list-dead-letters", "--reasons", "SEG"}), ElementsAre("SEGMENT_REJECTED"));
  EXPECT_THAT(Words({"purge-dead-letters", "--reasons", "INVALID_EVENT,EV"}),
              ElementsAre("INVALID_EVENT,EVENT_TOO_LARGE"));
  EXPECT_THAT(Words({"get-reports", "--error-reasons", "AUTH0_C"}),
              ElementsAre("AUTH0_CHECKPOINT_REJECTED", "AUTH0_CREDENTIALS_REJECTED"));
}

TEST_F(CompletionTest, AsksTheServiceForWhatAFieldNames) {
  std::vector<std::string> asked;
  live_ = [&](const Command& list, const google::protobuf::FieldDescriptor* field, const Options&,
              const std::string&) -> std::vector<Candidate> {
    asked.push_back(list.name + " " + std::string(field->name()));
    return {{"fp", "failed login"}, {"s", ""}};
  };
  EXPECT_THAT(Words({"configure", "--filter.types", ""}), ElementsAre("fp", "s"));
  EXPECT_THAT(Words({"configure", "--filter.types", "s,f"}), ElementsAre("s,fp"));
  Words({"configure", "--filter.categories", ""});
  Words({"redrive-dead-letters", "--types", ""});
  Words({"set-checkpoint", "--run-start", ""});
  EXPECT_THAT(asked,
              ElementsAre("list-log-types code", "list-log-types code", "list-log-types category",
                          "list-log-types code", "get-reports run_id"));
}

TEST_F(CompletionTest, LeavesFilesToTheShell) {
  EXPECT_THAT(Words({"configure", "--segment.write-key-file", ""}), IsEmpty());
  EXPECT_THAT(Words({"status", "--token-file", ""}), IsEmpty());
}

TEST_F(CompletionTest, DescribesWhatItOffers) {
  const auto candidates = Complete(*schema_, {"run-now", "--dry"}, context_.environment, live_);
  ASSERT_EQ(candidates.size(), 1u);
  EXPECT_EQ(candidates[0].about, "Read and map, but send and move nothing");
}

TEST_F(CompletionTest, OffersIdsThatExistAtTheService) {
  FakeService service;
  service.AddReports(2);
  Serve(service);
  CliResult result = Run({"__complete", "watch-run", ""});
  EXPECT_EQ(result.out,
            "019355d0-0000-7000-8000-100000000000\texport, succeeded, manual, 5m ago\n"
            "019355d0-0000-7000-8000-100000000001\texport, succeeded, manual, 5m ago\n");
  result = Run({"__complete", "get-report", "--exporter", "prod", "--run-id", "0193"});
  EXPECT_THAT(result.out, HasSubstr("019355d0-0000-7000-8000-100000000000\t"));
  EXPECT_EQ(service.report_requests().back().exporter(), "prod");
}

TEST_F(CompletionTest, OffersNothingWhenTheServiceCannotBeAsked) {
  EXPECT_EQ(Run({"__complete", "watch-run", ""}).out, "");
}

TEST_F(CompletionTest, RefusesShellsItDoesNotKnow) {
  EXPECT_FALSE(CompletionScript("tcsh", "logexportctl").ok());
  for (const char* shell : {"bash", "zsh", "fish"}) {
    EXPECT_THAT(CompletionScript(shell, "logexportctl").value(),
                HasSubstr("logexportctl __complete"));
  }
}

// Types `words` in bash and answers what it would offer.
std::string CompleteInBash(const std::vector<std::string>& words) {
  std::string script =
      absl::StrCat("PATH=", BinaryPath(""),
                   ":$PATH; source <(logexportctl completion bash); COMP_WORDS=(logexportctl");
  for (const std::string& word : words) absl::StrAppend(&script, " ", ShellWord(word));
  absl::StrAppend(&script, "); COMP_CWORD=", words.size(),
                  "; _logexportctl; printf '%s ' \"${COMPREPLY[@]}\"");
  FILE* pipe = popen(absl::StrCat("bash -c ", ShellWord(script)).c_str(), "r");
  std::string output;
  std::array<char, 4096> buffer;
  while (const std::size_t count = fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), count);
  }
  EXPECT_EQ(pclose(pipe), 0);
  return output;
}

TEST(BashCompletionTest, WorksInARealShell) {
  EXPECT_EQ(CompleteInBash({"run-n"}), "run-now ");
  EXPECT_EQ(CompleteInBash({"run-now", "--on-active", "j"}), "join ");
  // bash hands over --on-active=j in three words and replaces only the last.
  EXPECT_EQ(CompleteInBash({"run-now", "--on-active", "=", "j"}), "join ");
  EXPECT_EQ(CompleteInBash({"run-now", "--on-active", "="}), "join queue reject ");
}

}  // namespace
}  // namespace logexport::cli
