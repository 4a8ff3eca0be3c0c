#include "client/cli/command_line.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/cli_fixture.h"

namespace logexport::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CommandLineTest : public SchemaFixture {
 protected:
  // "--name=text|text" for each flag that was used, in the order of the fields.
  std::vector<std::string> Uses(const std::vector<std::string>& args) {
    std::vector<std::string> uses;
    for (const FlagUse& use : Parse(args).uses) {
      std::string text = use.flag->name + "=";
      for (std::size_t i = 0; i < use.texts.size(); ++i) text += (i == 0 ? "" : "|") + use.texts[i];
      uses.push_back(text);
    }
    return uses;
  }

  std::string Error(const std::vector<std::string>& args) {
    const auto invocation = ParseCommandLine(*schema_, args, context_.environment);
    EXPECT_FALSE(invocation.ok());
    EXPECT_TRUE(absl::IsInvalidArgument(invocation.status()));
    return std::string(invocation.status().message());
  }
};

TEST_F(CommandLineTest, ReadsFlagsInAllTheirSpellings) {
  EXPECT_THAT(Uses({"run-now", "--max-logs", "5"}), ElementsAre("max-logs=5"));
  EXPECT_THAT(Uses({"run-now", "--max-logs=5"}), ElementsAre("max-logs=5"));
  EXPECT_THAT(Uses({"run-now", "--max_logs", "5"}), ElementsAre("max-logs=5"));
  EXPECT_THAT(Uses({"run", "--window.start", "-2h"}), ElementsAre("window.start=-2h"));
  EXPECT_THAT(Uses({"configure", "--auth0.settle_delay", "5s"}),
              ElementsAre("auth0.settle-delay=5s"));
}

TEST_F(CommandLineTest, BooleansTakeNoValueButMayHaveOne) {
  EXPECT_THAT(Uses({"run-now", "--dry-run"}), ElementsAre("dry-run=true"));
  EXPECT_THAT(Uses({"run-now", "--dry-run=false"}), ElementsAre("dry-run=false"));
  EXPECT_THAT(Uses({"run-now", "--no-dry-run"}), ElementsAre("dry-run=false"));
  EXPECT_THAT(Uses({"configure", "--no-slack.send-success"}),
              ElementsAre("slack.send-success=false"));
  EXPECT_THAT(Uses({"set-checkpoint", "--earliest", "--drain"}),
              ElementsAre("earliest=true", "drain=true"));
}

TEST_F(CommandLineTest, AFlagIsGivenOnlyIfItWasTyped) {
  EXPECT_THAT(Uses({"run-now"}), ElementsAre());
}

TEST_F(CommandLineTest, EmptyValuesStayEmpty) {
  EXPECT_THAT(Uses({"configure", "--filter.types=", "--reason", "why"}),
              ElementsAre("filter.types=", "reason=why"));
  EXPECT_THAT(Uses({"configure", "--filter.types", ""}), ElementsAre("filter.types="));
}

TEST_F(CommandLineTest, ListsAreCollectedInOrder) {
  EXPECT_THAT(Uses({"get-reports", "--states", "failed", "--triggers", "manual", "--states",
                    "running,queued"}),
              ElementsAre("states=failed|running,queued", "triggers=manual"));
}

TEST_F(CommandLineTest, TheIdIsAnArgumentOrAFlag) {
  EXPECT_THAT(Uses({"watch-run", "abc"}), ElementsAre("run-id=abc"));
  EXPECT_THAT(Uses({"watch-run", "--run-id", "abc"}), ElementsAre("run-id=abc"));
  EXPECT_THAT(Uses({"watch-run", "--after-sequence", "3", "abc"}),
              ElementsAre("run-id=abc", "after-sequence=3"));
}

TEST_F(CommandLineTest, FlagsOfTheProgramStandBeforeOrAfterTheCommand) {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"--server", "h:1", "-o", "json", "-y", "get-status"},
        std::vector<std::string>{"get-status", "--server=h:1", "--output", "json", "--yes"}}) {
    const Invocation invocation = Parse(args);
    EXPECT_EQ(invocation.options.connection.server, "h:1");
    EXPECT_EQ(invocation.options.output, OutputFormat::kJson);
    EXPECT_TRUE(invocation.options.yes);
  }
}

TEST_F(CommandLineTest, AValueThatLooksLikeACommandIsAValue) {
  const Invocation invocation = Parse({"--server", "status", "get-reports", "--limit", "3"});
  EXPECT_EQ(invocation.command->name, "get-reports");
  EXPECT_EQ(invocation.options.connection.server, "status");
  EXPECT_EQ(invocation.options.limit, 3);
  EXPECT_THAT(Uses({"get-report", "status"}), ElementsAre("run-id=status"));
}

TEST_F(CommandLineTest, TheEnvironmentGivesDefaultsThatFlagsOverride) {
  environment_ = {{"LOGEXPORT_SERVER", "env:1"},
                  {"LOGEXPORT_TOKEN_FILE", "/token"},
                  {"LOGEXPORT_OUTPUT", "yaml"}};
  Invocation invocation = Parse({"get-status"});
  EXPECT_EQ(invocation.options.connection.server, "env:1");
  EXPECT_EQ(invocation.options.connection.token_file, "/token");
  EXPECT_EQ(invocation.options.output, OutputFormat::kYaml);
  invocation = Parse({"get-status", "--server", "flag:1"});
  EXPECT_EQ(invocation.options.connection.server, "flag:1");
}

TEST_F(CommandLineTest, DefaultsAreThoseThatTheHelpNames) {
  const Invocation invocation = Parse({"get-reports"});
  EXPECT_EQ(invocation.options.connection.server, "127.0.0.1:50051");
  EXPECT_EQ(invocation.options.output, OutputFormat::kTable);
  EXPECT_FALSE(invocation.options.limit.has_value()) << "what fits the screen";
  EXPECT_FALSE(invocation.options.deadline.has_value());
}

TEST_F(CommandLineTest, SecretsHaveFlagsOfTheirOwn) {
  const Invocation invocation =
      Parse({"configure", "--segment.write-key-file", "/key", "--slack.webhook-env", "HOOK"});
  ASSERT_EQ(invocation.uses.size(), 2u);
  EXPECT_EQ(invocation.uses[0].source, FlagUse::Source::kFile);
  EXPECT_EQ(invocation.uses[1].source, FlagUse::Source::kVariable);
}

TEST_F(CommandLineTest, NamesWhatIsNearTheMistake) {
  EXPECT_THAT(Error({"get-reprots"}),
              HasSubstr("unknown command 'get-reprots'; did you mean get-reports?"));
  EXPECT_THAT(Error({"run-now", "--dry-rum"}), HasSubstr("did you mean --dry-run?"));
  EXPECT_THAT(Error({"configure", "--cron", "x"}), HasSubstr("did you mean --schedule.cron?"));
  EXPECT_THAT(Error({"help", "run-mow"}), HasSubstr("run-mow"));
}

TEST_F(CommandLineTest, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(Error({"run-now", "--quux"}), HasSubstr("unknown flag '--quux'"));
  EXPECT_THAT(Error({"run-now", "extra"}), HasSubstr("unexpected argument 'extra'"));
  EXPECT_THAT(Error({"run-now", "--max-logs"}), HasSubstr("--max-logs needs a value"));
  EXPECT_THAT(Error({"get-status", "-o", "xml"}), HasSubstr("table, json, yaml, jsonl"));
  EXPECT_THAT(Error({"get-status", "--deadline", "5"}),
              HasSubstr("--deadline: '5' is not a duration"));
  EXPECT_THAT(Error({"get-reports", "--limit", "-1"}), HasSubstr("--limit"));
  EXPECT_THAT(Error({"--yes"}), HasSubstr("no command"));
  EXPECT_THAT(Error({"completion"}), HasSubstr("bash, zsh or fish"));
}

TEST_F(CommandLineTest, OffersItsOwnFlagsOnlyWhereTheyMeanSomething) {
  EXPECT_THAT(Error({"get-status", "--wait"}), HasSubstr("unknown flag"));
  EXPECT_THAT(Error({"get-status", "--limit", "5"}), HasSubstr("unknown flag"));
  EXPECT_THAT(Error({"run-now", "--clear", "x"}), HasSubstr("unknown flag"));
  EXPECT_TRUE(Parse({"run-now", "--wait"}).options.wait);
  EXPECT_THAT(Parse({"configure", "--clear", "slack.webhook,schedule.time-zone", "--clear", "x"})
                  .options.clear,
              ElementsAre("slack.webhook", "schedule.time_zone", "x"));
}

TEST_F(CommandLineTest, UnderstandsTheWaysToAskForHelp) {
  using Action = Invocation::Action;
  EXPECT_EQ(Parse({"--help"}).action, Action::kHelp);
  EXPECT_EQ(Parse({"-h"}).action, Action::kBriefHelp);
  EXPECT_EQ(Parse({"--version"}).action, Action::kVersion);
  EXPECT_EQ(Parse({"help"}).command, nullptr);
  EXPECT_EQ(Parse({"help", "run"}).command, &Get("run-now"));
  const Invocation brief = Parse({"run-now", "-h"});
  EXPECT_EQ(brief.action, Action::kBriefHelp);
  EXPECT_EQ(brief.command, &Get("run-now"));
  EXPECT_EQ(Parse({"run-now", "--dry-run", "--help"}).action, Action::kHelp);
  EXPECT_EQ(Parse({"completion", "fish"}).shell, "fish");
}

}  // namespace
}  // namespace logexport::cli
