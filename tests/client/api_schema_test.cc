#include "client/cli/api_schema.h"

#include <set>
#include <string>

#include "absl/strings/match.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/api_conventions.h"
#include "logexport/v1/options.pb.h"
#include "proto/descriptors.h"
#include "tests/client/cli_fixture.h"

namespace logexport::cli {
namespace {

namespace pb = google::protobuf;

TEST(MakeCommentTest, JoinsLinesAndFindsTheFirstSentence) {
  const Comment comment = MakeComment(
      " Moves it, e.g. back. It\n is one step.\n\n Errors:\n - A\n - B\n buf:lint:ignore X\n");
  EXPECT_EQ(comment.brief, "Moves it, e.g. back");
  EXPECT_EQ(comment.full, "Moves it, e.g. back. It is one step.\n\nErrors:\n- A\n- B");
}

TEST(MakeCommentTest, TakesPointsInsideWordsForPartsOfThem) {
  EXPECT_EQ(MakeComment("Version 1.5 of a.b. More.").brief, "Version 1.5 of a.b");
  EXPECT_EQ(MakeComment("No full stop").brief, "No full stop");
  EXPECT_EQ(MakeComment("").brief, "");
}

TEST(KebabCaseTest, SeparatesWordsOfBothSpellings) {
  EXPECT_EQ(KebabCase("RunNow"), "run-now");
  EXPECT_EQ(KebabCase("ListDLQItems"), "list-dlq-items");
  EXPECT_EQ(KebabCase("max_in_flight"), "max-in-flight");
  EXPECT_EQ(KebabCase("Auth0Settings"), "auth0-settings");
}

using SchemaTest = SchemaFixture;

TEST_F(SchemaTest, MakesACommandOfEveryRpc) {
  EXPECT_EQ(schema_->commands().size(),
            static_cast<std::size_t>(schema_->service().method_count()));
  const Command& run_now = Get("run-now");
  EXPECT_EQ(run_now.path, "/logexport.v1.LogExportService/RunNow");
  EXPECT_EQ(&Get("run"), &run_now);
  EXPECT_EQ(&Get("run_now"), &run_now);
  EXPECT_TRUE(run_now.writes);
  EXPECT_FALSE(run_now.destructive);
  EXPECT_EQ(run_now.followed_by, Get("watch-run").method);
  EXPECT_TRUE(Get("set-checkpoint").destructive);
  EXPECT_FALSE(Get("get-status").writes);
  EXPECT_EQ(schema_->Find("no-such"), nullptr);
}

TEST_F(SchemaTest, NamesAndAliasesAreUnique) {
  std::set<std::string> names = {"help", "completion"};
  for (const Command& command : schema_->commands()) {
    EXPECT_TRUE(names.insert(command.name).second) << command.name;
    for (const std::string& alias : command.aliases) {
      EXPECT_TRUE(names.insert(alias).second) << alias;
    }
  }
}

TEST_F(SchemaTest, EveryRpcSaysWhoMayCallItAndWhetherItMayBeRepeated) {
  for (const Command& command : schema_->commands()) {
    EXPECT_NE(command.method->options().GetExtension(v1::role), v1::ROLE_UNSPECIFIED)
        << command.name;
    EXPECT_TRUE(command.method->options().has_idempotency_level()) << command.name;
  }
}

// The help is made of comments: one that is missing leaves a flag without a word.
class CommentChecker {
 public:
  void CheckMessage(const pb::Descriptor* message) {
    if (!absl::StartsWith(std::string(message->full_name()), "logexport.") ||
        !seen_.insert(std::string(message->full_name())).second) {
      return;
    }
    Check(CommentOf(message), std::string(message->full_name()));
    for (int i = 0; i < message->field_count(); ++i) {
      const auto* field = message->field(i);
      Check(CommentOf(field), std::string(field->full_name()));
      if (field->is_map()) continue;
      if (field->enum_type() != nullptr) CheckEnum(field->enum_type());
      if (field->message_type() != nullptr) CheckMessage(field->message_type());
    }
    for (int i = 0; i < message->real_oneof_decl_count(); ++i) {
      Check(CommentOf(message->oneof_decl(i)), std::string(message->oneof_decl(i)->full_name()));
    }
  }

 private:
  void CheckEnum(const pb::EnumDescriptor* type) {
    for (int i = 0; i < type->value_count(); ++i) {
      Check(CommentOf(type->value(i)), std::string(type->value(i)->full_name()));
    }
  }
  void Check(const Comment& comment, const std::string& what) {
    EXPECT_FALSE(comment.brief.empty()) << what << " has no comment";
    EXPECT_LE(comment.brief.size(), 160u) << "the first sentence about " << what << " is too long";
  }
  std::set<std::string> seen_;
};

TEST_F(SchemaTest, EveryRpcFieldAndEnumValueHasAComment) {
  CommentChecker checker;
  for (const Command& command : schema_->commands()) {
    EXPECT_FALSE(command.comment.brief.empty()) << command.name;
    checker.CheckMessage(command.method->input_type());
    checker.CheckMessage(command.method->output_type());
  }
}

TEST_F(SchemaTest, SecretsAreMarked) {
  std::set<std::string> sensitive;
  for (const Flag& flag : FlagsOf(Get("update-config").method->input_type())) {
    if (flag.sensitive) sensitive.insert(flag.name);
  }
  EXPECT_EQ(sensitive,
            (std::set<std::string>{"auth0.client-secret", "segment.write-key", "privacy.hash-key",
                                   "slack.webhook", "webhook.url", "webhook.secret"}));
}

TEST(SchemaCreateTest, RefusesDamagedDescriptors) {
  EXPECT_FALSE(Schema::Create("no descriptors", "a.B").ok());
  EXPECT_FALSE(Schema::Create(DescriptorSetBytes(), "logexport.v1.NoSuchService").ok());
  EXPECT_FALSE(
      Schema::Create(DescriptorSetBytes().substr(0, 1000), "logexport.v1.LogExportService").ok());
}

TEST_F(SchemaTest, EnumChoicesLeaveOutUnspecifiedAndHaveShortNames) {
  const auto* type = Get("run-now").method->input_type()->FindFieldByName("on_active")->enum_type();
  std::vector<std::string> names;
  for (const auto* value : EnumChoices(type)) names.push_back(ShortEnumName(value));
  EXPECT_THAT(names, testing::ElementsAre("reject", "join", "queue"));
}

TEST_F(SchemaTest, TellsListsFromOtherAnswers) {
  const auto list = [&](const char* command) {
    const auto* field = ListField(Get(command).method->output_type());
    return field == nullptr ? std::string("-") : std::string(field->name());
  };
  EXPECT_EQ(list("get-reports"), "reports");
  EXPECT_EQ(list("list-checkpoints"), "changes");
  EXPECT_EQ(list("list-log-types"), "log_types");
  EXPECT_EQ(list("get-status"), "-");
  EXPECT_EQ(list("set-checkpoint"), "-");
}

}  // namespace
}  // namespace logexport::cli
