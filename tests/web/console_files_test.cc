#include "service/web/console_files.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace logexport {
namespace {

using ::testing::HasSubstr;

const std::vector<ConsoleFile>& Files() {
  static const auto* const files = new std::vector<ConsoleFile>{
      {"/", "text/html; charset=utf-8", false, "aa", "page", "page-gz", "page-br"},
      {"/assets/app-1.js", "text/javascript", true, "bb", "script", "script-gz", ""},
  };
  return *files;
}

WebResponse Get(const std::string& target, const std::string& accept = "",
                const std::string& tag = "") {
  WebRequest request;
  request.method = "GET";
  request.target = target;
  if (!accept.empty()) request.fields.emplace_back("accept-encoding", accept);
  if (!tag.empty()) request.fields.emplace_back("if-none-match", tag);
  return ConsoleAnswer(Files(), request);
}

std::string FieldOf(const WebResponse& response, const std::string& name) {
  std::string found;
  for (const auto& [field, value] : response.fields) {
    if (field != name) continue;
    EXPECT_EQ(found, "") << name << " stands twice";
    found = value;
  }
  return found;
}

TEST(ConsoleFilesTest, ServesWhatTheClientTakes) {
  EXPECT_EQ(Get("/").fixed_body, "page");
  EXPECT_EQ(Get("/", "gzip, deflate, br").fixed_body, "page-br");
  EXPECT_EQ(FieldOf(Get("/", "gzip, br"), "content-encoding"), "br");
  EXPECT_EQ(Get("/", "gzip").fixed_body, "page-gz");
  EXPECT_EQ(Get("/", "GZIP;q=0.5").fixed_body, "page-gz");
  EXPECT_EQ(Get("/", "br;q=0, gzip").fixed_body, "page-gz");
  EXPECT_EQ(Get("/", "identity").fixed_body, "page");
  EXPECT_EQ(Get("/assets/app-1.js", "br, gzip").fixed_body, "script-gz") << "there is no other";
  EXPECT_EQ(FieldOf(Get("/"), "vary"), "accept-encoding");
}

TEST(ConsoleFilesTest, LetsBrowsersKeepWhatNeverChanges) {
  EXPECT_THAT(FieldOf(Get("/assets/app-1.js"), "cache-control"), HasSubstr("immutable"));
  EXPECT_EQ(FieldOf(Get("/"), "cache-control"), "no-cache");
  const std::string tag = FieldOf(Get("/", "br"), "etag");
  EXPECT_EQ(Get("/", "br", tag).status, 304);
  EXPECT_EQ(Get("/", "br", tag).fixed_body, "");
  EXPECT_EQ(Get("/", "gzip", tag).status, 200) << "that is another text";
}

TEST(ConsoleFilesTest, ServesNothingElse) {
  for (const char* const target :
       {"/index.html", "/assets/", "/assets/app-2.js", "//", "/../etc/passwd", "/assets/../",
        "/%2e%2e/", "/assets/app-1.js/", "/ASSETS/app-1.js"}) {
    EXPECT_EQ(Get(target).status, 404) << target;
  }
  EXPECT_EQ(Get("/?a=b").status, 200) << "a query asks for nothing";
}

TEST(ConsoleFilesTest, SaysThatThereIsNoConsole) {
  WebRequest request;
  request.method = "GET";
  request.target = "/";
  const WebResponse response = ConsoleAnswer({}, request);
  EXPECT_EQ(response.status, 404);
  EXPECT_THAT(response.body, HasSubstr("built without its console"));
}

}  // namespace
}  // namespace logexport
