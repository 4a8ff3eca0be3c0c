#include "service/config/yaml_file.h"

#include <random>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/config/config_samples.h"
#include "tests/support/random_seed.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

ConfigFile Parse(absl::string_view yaml) { return ParseConfigFile(yaml, "config.yaml"); }

TEST(ConfigFileTest, ReadsEveryKindOfValue) {
  const ConfigFile file = Parse(R"(
exporters:
  - id: acme
    schedule:
      cron: "0 */5 * * * *"
      jitter: 30s
      catch_up: no
    auth0:
      domain: acme.eu.auth0.com
      client_id: 12345
      client_secret: env:ACME_SECRET
      batch_size: 50
      retention: 2d
    segment: {write_key: 'file:/run/key', endpoint: EU, details: object, mapping: LOG_EVENT}
    filter:
      types: [s, fp]
      min_level: warning
    privacy:
      rules:
        - {path: details.request.ip, action: drop}
        - path: user_name
          action: PRIVACY_ACTION_HASH
    run: {max_logs: 5000000000}
    start_from: 2026-11-01
)");
  ASSERT_THAT(Texts(file.violations), IsEmpty());
  ASSERT_THAT(file.exporters, SizeIs(1));
  EXPECT_EQ(file.exporters[0].exporter, "acme");
  EXPECT_THAT(file.exporters[0].config, EqualsConfig(Config(R"pb(
                schedule {
                  cron: "0 */5 * * * *"
                  jitter { seconds: 30 }
                  catch_up: false
                }
                auth0 {
                  domain: "acme.eu.auth0.com"
                  client_id: "12345"
                  client_secret: "env:ACME_SECRET"
                  batch_size: 50
                  retention { seconds: 172800 }
                }
                segment {
                  write_key: "file:/run/key"
                  endpoint: "EU"
                  mapping: EVENT_MAPPING_LOG_EVENT
                  details: DETAILS_FORMAT_OBJECT
                }
                filter { types: "s" types: "fp" min_level: LOG_LEVEL_WARNING }
                privacy {
                  rules { path: "details.request.ip" action: PRIVACY_ACTION_DROP }
                  rules { path: "user_name" action: PRIVACY_ACTION_HASH }
                }
                run { max_logs: 5000000000 }
                start_from: "2026-11-01"
              )pb")));
}

TEST(ConfigFileTest, RemembersWhereEachFieldWasWritten) {
  const ConfigFile file = Parse(
      "exporters:\n"
      "  - auth0:\n"
      "      domain: acme.auth0.com\n"
      "    privacy:\n"
      "      rules:\n"
      "        - {path: ip, action: drop}\n");
  ASSERT_THAT(file.exporters, SizeIs(1));
  const ConfigOrigins& origins = file.exporters[0].origins;
  EXPECT_EQ(OriginOf(origins, "auth0.domain"), "config.yaml:3:15");
  EXPECT_EQ(OriginOf(origins, "privacy.rules[0].action"), "config.yaml:6:30");
  EXPECT_EQ(OriginOf(origins, "auth0.client_id"), "config.yaml:3:7");  // the group's
  EXPECT_EQ(OriginOf(origins, "segment.write_key"), "");
}

TEST(ConfigFileTest, AnExporterWithoutIdIsTheDefaultOne) {
  const ConfigFile file = Parse("exporters: [{auth0: {domain: a.auth0.com}}]");
  ASSERT_THAT(file.violations, IsEmpty());
  ASSERT_THAT(file.exporters, SizeIs(1));
  EXPECT_EQ(file.exporters[0].exporter, "default");
}

TEST(ConfigFileTest, AnEmptyValueLeavesItsFieldUnset) {
  const ConfigFile file = Parse(
      "exporters:\n"
      "  - id: a\n"
      "    slack:\n"
      "    filter: {types: ~}\n"
      "    auth0: {domain: , batch_size: null}\n");
  ASSERT_THAT(Texts(file.violations), IsEmpty());
  ASSERT_THAT(file.exporters, SizeIs(1));
  EXPECT_FALSE(file.exporters[0].config.has_slack());
  EXPECT_FALSE(file.exporters[0].config.auth0().has_domain());
  EXPECT_FALSE(file.exporters[0].config.auth0().has_batch_size());
}

TEST(ConfigFileTest, NoExportersCanBeSaidExplicitly) {
  const ConfigFile file = Parse("exporters: []");
  EXPECT_THAT(file.violations, IsEmpty());
  EXPECT_THAT(file.exporters, IsEmpty());
}

TEST(ConfigFileTest, AnAliasSharesAGroup) {
  const ConfigFile file = Parse(
      "exporters:\n"
      "  - {id: a, schedule: &fast {cron: '@every 1m'}}\n"
      "  - {id: b, schedule: *fast}\n");
  ASSERT_THAT(Texts(file.violations), IsEmpty());
  EXPECT_EQ(file.exporters[1].config.schedule().cron(), "@every 1m");
}

TEST(ConfigFileTest, NamesEveryViolationAtOnceWithItsPlace) {
  const ConfigFile file = Parse(
      "exporters:\n"                        // 1
      "  - id: acme\n"                      // 2
      "    auth0:\n"                        // 3
      "      batch_sise: 10\n"              // 4
      "      batch_size: many\n"            // 5
      "      domain: [a, b]\n"              // 6
      "    cron: '@hourly'\n"               // 7
      "    schedule: often\n"               // 8
      "    filter:\n"                       // 9
      "      types: s\n"                    // 10
      "      min_level: loud\n"             // 11
      "    slack: {send_success: maybe}\n"  // 12
      "    run: {max_duration: 60}\n"       // 13
      "    privacy: {rules: [drop]}\n"      // 14
      "  - id: acme\n"                      // 15
      "  - id: Not OK\n"                    // 16
      "  - nothing\n"                       // 17
      "    \n"
      "version: 2\n");  // 19
  EXPECT_THAT(
      Texts(file.violations),
      ElementsAre(
          "config.yaml:4:7: exporters[0].auth0: unknown key \"batch_sise\"; did you mean "
          "batch_size?",
          AllOf(StartsWith("config.yaml:5:19: exporters[0].auth0.batch_size: is \"many\""),
                HasSubstr("whole number")),
          "config.yaml:6:15: exporters[0].auth0.domain: is a list; write a single value",
          "config.yaml:7:5: exporters[0]: unknown key \"cron\"; did you mean schedule.cron?",
          "config.yaml:8:15: exporters[0].schedule: is a single value; write a mapping",
          "config.yaml:10:14: exporters[0].filter.types: is a single value; write a list, [a, b]",
          AllOf(StartsWith("config.yaml:11:18: exporters[0].filter.min_level: is \"loud\""),
                HasSubstr("info, warning, error, critical")),
          AllOf(StartsWith("config.yaml:12:27: exporters[0].slack.send_success"),
                HasSubstr("true or false")),
          AllOf(StartsWith("config.yaml:13:25: exporters[0].run.max_duration"),
                HasSubstr("with its unit")),
          "config.yaml:14:23: exporters[0].privacy.rules[0]: is a single value; write a mapping",
          "config.yaml:15:9: exporters[1].id: is \"acme\", as for an exporter above",
          StartsWith("config.yaml:16:9: exporters[2].id: is \"Not OK\"; write lower-case letters"),
          StartsWith("config.yaml:17:5: exporters[3]: is a single value"),
          "config.yaml:19:1: unknown key \"version\"; the only one is exporters"));
}

TEST(ConfigFileTest, ARepeatedKeyIsAViolation) {
  EXPECT_THAT(Texts(Parse("exporters:\n  - id: a\n    id: b\n    auth0: {domain: a, domain: b}\n")
                        .violations),
              ElementsAre(HasSubstr("3:5: exporters[0].id: the key is given twice"),
                          HasSubstr("exporters[0].auth0.domain: the key is given twice")));
  EXPECT_THAT(Texts(Parse("exporters: []\nexporters: []\n").violations),
              ElementsAre(HasSubstr("2:1: exporters: the key is given twice")));
}

TEST(ConfigFileTest, MergeKeysAreNotSilentlyIgnored) {
  EXPECT_THAT(Texts(Parse("exporters:\n  - &a {id: a}\n  - {<<: *a, id: b}\n").violations),
              ElementsAre(HasSubstr("merge keys (<<) are not supported")));
}

TEST(ConfigFileTest, MalformedYamlIsNamedByLineAndColumn) {
  EXPECT_THAT(Texts(Parse("exporters:\n  - id: [a\n").violations),
              ElementsAre(AllOf(StartsWith("config.yaml:3:1: this is not YAML: "),
                                HasSubstr("need quotes"))));
  EXPECT_THAT(Texts(Parse("exporters:\n  - {id: a, schedule: {cron: @hourly}}\n").violations),
              ElementsAre(StartsWith("config.yaml:2:30: this is not YAML: ")));
  EXPECT_THAT(Texts(Parse("exporters:\n  - {schedule: {cron: */5 * * * *}}\n").violations),
              ElementsAre(StartsWith("config.yaml:2:")));
}

TEST(ConfigFileTest, ADocumentOfAnotherShapeIsRefused) {
  for (const char* yaml : {"", "~", "# nothing\n", "[]", "text", "exporters", "a: 1", "exporters:",
                           "exporters: {id: a}", "exporters: []\n---\nexporters: []\n"}) {
    EXPECT_THAT(Parse(yaml).violations, Not(IsEmpty())) << yaml;
  }
}

TEST(ConfigFileTest, InvalidUtf8IsNamedByLineAndColumn) {
  EXPECT_THAT(Texts(Parse("exporters:\n  - id: \xff\n").violations),
              ElementsAre("config.yaml:2:9: this byte is not UTF-8"));
}

TEST(ConfigFileTest, SecretsAreNeverQuoted) {
  const ConfigFile file = Parse(
      "exporters:\n"
      "  - auth0: {client_secret: {hunter2: hunter2}}\n"
      "    segment: {write_key: [hunter2]}\n"
      "    slack: {webhook: [hunter2]}\n");
  EXPECT_THAT(Texts(file.violations), AllOf(SizeIs(3), Each(Not(HasSubstr("hunter2")))));
}

TEST(ConfigFileTest, OversizedFilesAreRefusedUnread) {
  EXPECT_THAT(Texts(Parse("exporters: []\n" + std::string(kLargestConfigFile, '#')).violations),
              ElementsAre(HasSubstr("larger than 1 MiB")));
}

TEST(ConfigFileTest, DeepNestingIsRefused) {
  for (const std::string& yaml : {std::string(100000, '['), std::string(100000, '{'),
                                  [] {
                                    std::string text;
                                    for (int i = 0; i < 50000; ++i) text += "- ";
                                    return text;
                                  }(),
                                  [] {
                                    std::string text;
                                    for (int i = 0; i < 900; ++i)
                                      text +=
                                          std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
                                    return text;
                                  }()}) {
    EXPECT_THAT(Parse(yaml).violations, Not(IsEmpty())) << yaml.substr(0, 20);
  }
}

TEST(ConfigFileTest, AliasesThatGoRoundInCirclesEnd) {
  for (const char* yaml :
       {"exporters: &a [*a]", "&a exporters: *a", "exporters: &a\n  - schedule: *a\n",
        "exporters:\n  - &a {id: x, auth0: *a}\n", "exporters: &a [*a, *a, *a, *a]"}) {
    EXPECT_THAT(Parse(yaml).violations, Not(IsEmpty())) << yaml;
  }
}

TEST(ConfigFileTest, AliasesThatMultiplyStayCheap) {
  std::string yaml = "exporters:\n  - &e {id: a, filter: &f {";
  for (int i = 0; i < 20000; ++i) absl::StrAppend(&yaml, "k", i, ": 1, ");
  yaml += "types: [s]}}\n";
  for (int i = 0; i < 900; ++i) absl::StrAppend(&yaml, "  - {id: x", i, ", filter: *f}\n");
  const ConfigFile file = Parse(yaml);
  EXPECT_LE(file.violations.size(), 101u);
  EXPECT_THAT(Texts(file.violations).back(), HasSubstr("further violations"));
}

TEST(ConfigFileTest, TooManyItemsAreRefused) {
  std::string yaml = "exporters:\n";
  for (int i = 0; i < 1001; ++i) absl::StrAppend(&yaml, "- {id: e", i, "}\n");
  EXPECT_THAT(Texts(Parse(yaml).violations), ElementsAre(HasSubstr("more than 1000 items")));
}

// The fuzzer goes deeper; this runs everywhere.
TEST(ConfigFileTest, DamagedFilesNeverCrash) {
  const std::string seed_text = R"(exporters:
  - id: acme
    schedule: &s {cron: "0 */5 * * * *", jitter: 30s}
    auth0: {domain: acme.auth0.com, client_id: a, client_secret: env:X, retention: 2d}
    privacy: {rules: [{path: a.*, action: drop}]}
  - {id: b, schedule: *s, filter: {types: [s, f]}, start_from: 2026-11-01}
)";
  const std::uint64_t seed = RandomSeed();
  SCOPED_TRACE(absl::StrCat("LOGEXPORT_SEED=", seed));
  std::mt19937_64 random(seed);
  const std::string interesting("\0\n\t :-[]{}*&!|>'\"%@`#,?~<\xff\xc3", 27);
  for (int round = 0; round < 2000; ++round) {
    std::string text = seed_text;
    for (int edits = 1 + static_cast<int>(random() % 6); edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      const char c = interesting[random() % interesting.size()];
      switch (random() % 3) {
        case 0:
          text[at] = c;
          break;
        case 1:
          text.insert(at, 1 + random() % 3, c);
          break;
        default:
          text.erase(at, 1 + random() % 10);
      }
      if (text.empty()) text = "x";
    }
    const ConfigFile file = Parse(text);
    for (const ConfigViolation& violation : file.violations) {
      EXPECT_THAT(ToText(violation), StartsWith("config.yaml"));
    }
  }
}

TEST(ReadConfigFileTest, ReadsAFileOrSaysWhyNot) {
  const TempDirectory directory;
  const std::string path = directory.File("exporters.yaml");
  WriteFile(path, "exporters: []\n");
  EXPECT_THAT(ReadConfigFile(path), IsOkAndHolds("exporters: []\n"));
  const std::string other = directory.File("other.yaml");
  EXPECT_THAT(
      ReadConfigFile(other),
      StatusIs(absl::StatusCode::kNotFound, AllOf(HasSubstr(other), HasSubstr("does not exist"))));
  EXPECT_THAT(ReadConfigFile(directory.path()), StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace logexport
