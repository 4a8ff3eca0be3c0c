#include "service/base/spelling.h"

#include <string>

#include <gtest/gtest.h>

#include "service/base/utf8.h"

namespace logexport {
namespace {

TEST(SpellingTest, FindsTheWordThatWasMeant) {
  const std::vector<std::string> words = {"batch_size", "base_url", "domain"};
  EXPECT_EQ(NearestWord("batch_sise", words), "batch_size");
  EXPECT_EQ(NearestWord("batchSize", words), "batch_size");
  EXPECT_EQ(NearestWord("BASE-URL", words), "base_url");
  EXPECT_EQ(NearestWord("domian", words), "domain");
}

TEST(SpellingTest, FindsTheWordOfWhichAPartWasWritten) {
  EXPECT_EQ(NearestWord("cron", {"schedule.cron", "clear"}), "schedule.cron");
  EXPECT_EQ(NearestWord("get-st", {"get-report", "get-status"}), "get-status");
  EXPECT_EQ(NearestWord("get-reprots", {"get-report", "get-reports", "run-now"}), "get-reports");
  EXPECT_EQ(NearestWord("quux", {"run-now", "watch-run"}), "");
}

TEST(SpellingTest, SuggestsNothingFarFetched) {
  const std::vector<std::string> words = {"batch_size", "domain"};
  EXPECT_EQ(NearestWord("webhook", words), "");
  EXPECT_EQ(NearestWord("", words), "");
  EXPECT_EQ(NearestWord(std::string(100000, 'd'), words), "");
  EXPECT_EQ(NearestWord("domain", {}), "");
}

TEST(SpellingTest, QuotesWhatCannotBeShown) {
  EXPECT_EQ(Quoted("Grüße"), "\"Grüße\"");
  EXPECT_EQ(Quoted("a\nb\"c"), "\"a\\nb\\\"c\"");
  EXPECT_TRUE(IsValidUtf8(Quoted("\xff\xfe")));
  EXPECT_EQ(Quoted("a\u202eb\u009b"), "\"a\\u202eb\\u009b\"");
}

TEST(SpellingTest, WhatOthersSayLosesOnlyWhatCannotBeShown) {
  EXPECT_EQ(Printable("it's \"Grüße\""), "it's \"Grüße\"");
  EXPECT_EQ(Printable("a\x1b[31m\n"), "a\\x1b[31m\\x0a");
  EXPECT_EQ(Printable("a\xff"), "a\xEF\xBF\xBD");
  EXPECT_EQ(Printable("a\u202eb\u009b"), "a\\u202eb\\u009b");
}

TEST(SpellingTest, CutsLongQuotes) {
  const std::string quoted = Quoted(std::string(1000, 'x'));
  EXPECT_LT(quoted.size(), 100u);
  EXPECT_NE(quoted.find("…"), std::string::npos);
}

}  // namespace
}  // namespace logexport
